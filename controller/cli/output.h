// Output: what people and programs see. Tables and colours for people, JSON for programs.

#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace apim::cli {

enum class Colour : uint8_t { Plain, Good, Bad, Faint };

// Where a command writes, and how. `out` carries the result, `err` everything said on the way.
struct Output {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  bool as_json = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;

  void json(const nlohmann::json& value) const;
  // Columns as wide as their widest cell; `rows` have as many cells as `header`.
  // Without rows: the line `empty`. `colours`: one a row, or none at all.
  void table(const std::vector<std::string>& header,
             const std::vector<std::vector<std::string>>& rows, const std::string& empty,
             const std::vector<Colour>& colours = {}) const;
  // One line of the result for people; nothing in JSON mode.
  void line(const std::string& text) const;
  // A remark on `err`, in both modes.
  void note(const std::string& text) const;
  std::string paint(Colour colour, const std::string& text) const;
};

// Tells on a terminal that something is still running, from the first second on.
class Progress {
 public:
  Progress(const Output& output, std::string label);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void show();

  const Output& output_;
  std::string label_;
  std::chrono::steady_clock::time_point started_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

// Unix milliseconds -> "2026-11-21 10:03:04Z"; 0 -> "-".
std::string show_time(int64_t unix_ms);

// Control bytes of foreign text as '?', so that a name cannot steer the terminal.
std::string tame(const std::string& text);

}  // namespace apim::cli
