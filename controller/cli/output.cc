#include "cli/output.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace apim::cli {
namespace {

// Characters, not bytes, of UTF-8 text.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string row_text(const std::vector<std::string>& cells, const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string cell = tame(cells[i]);
    line += cell;
    if (i + 1 < cells.size()) line += std::string(widths[i] - width_of(cell) + 2, ' ');
  }
  return line;
}

}  // namespace

void Output::json(const nlohmann::json& value) const {
  *out << value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

void Output::table(const std::vector<std::string>& header,
                   const std::vector<std::vector<std::string>>& rows, const std::string& empty,
                   const std::vector<Colour>& colours) const {
  if (rows.empty()) {
    *out << empty << "\n";
    return;
  }
  std::vector<size_t> widths;
  for (const auto& title : header) widths.push_back(width_of(title));
  for (const auto& row : rows) {
    assert(row.size() == header.size());
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(tame(row[i])));
  }
  *out << paint(Colour::Faint, row_text(header, widths)) << "\n";
  assert(colours.empty() || colours.size() == rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const Colour colour = colours.empty() ? Colour::Plain : colours[i];
    *out << paint(colour, row_text(rows[i], widths)) << "\n";
  }
}

void Output::line(const std::string& text) const {
  if (!as_json) *out << text << "\n";
}

void Output::note(const std::string& text) const { *err << text << "\n"; }

std::string Output::paint(Colour colour, const std::string& text) const {
  if (!out_is_terminal || as_json) return text;
  switch (colour) {
    case Colour::Plain: return text;
    case Colour::Good: return "\033[32m" + text + "\033[0m";
    case Colour::Bad: return "\033[31m" + text + "\033[0m";
    case Colour::Faint: return "\033[2m" + text + "\033[0m";
  }
  return text;
}

Progress::Progress(const Output& output, std::string label)
    : output_(output), label_(std::move(label)), started_(std::chrono::steady_clock::now()) {
  if (output_.err_is_terminal) thread_ = std::thread([this] { show(); });
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Progress::show() {
  std::unique_lock lock(mutex_);
  bool shown = false;
  const auto every = std::chrono::seconds(1);
  while (!stopped_.wait_for(lock, every, [this] { return stop_; })) {
    const auto elapsed = std::chrono::steady_clock::now() - started_;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
    *output_.err << fmt::format("\r\033[K{} … {} s", label_, seconds) << std::flush;
    shown = true;
  }
  if (shown) *output_.err << "\r\033[K" << std::flush;
}

std::string show_time(int64_t unix_ms) {
  if (unix_ms <= 0) return "-";
  const auto moment = fmt::gmtime(static_cast<std::time_t>(unix_ms / 1000));
  return fmt::format("{:%Y-%m-%d %H:%M:%S}Z", moment);
}

std::string tame(const std::string& text) {
  std::string tamed = text;
  for (char& c : tamed) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  return tamed;
}

}  // namespace apim::cli
