#include "gate/gateway_id.h"

#include <fmt/core.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

namespace apim::gate {
namespace {

constexpr size_t kIdBytesMax = 128;

bool is_id_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool is_valid(const std::string& id) {
  if (id.empty() || id.size() > kIdBytesMax || id[0] == '.') return false;
  for (const char c : id) {
    if (!is_id_byte(c)) return false;
  }
  return true;
}

std::string random_digits() {
  uint32_t number = 0;
  if (getrandom(&number, sizeof(number), 0) != sizeof(number))
    number = static_cast<uint32_t>(getpid());
  return fmt::format("{:08x}", number);
}

}  // namespace

std::string host_name() {
  std::array<char, 65> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "gateway";
  std::string text = name.data();
  for (char& c : text) {
    if (!is_id_byte(c)) c = '-';
  }
  return text.empty() ? "gateway" : text;
}

std::expected<std::string, std::string> gateway_id(const std::string& wanted,
                                                   const std::string& cache_dir) {
  if (!wanted.empty()) {
    if (is_valid(wanted)) return wanted;
    return std::unexpected("gateway.id: '" + wanted +
                           "' may hold letters, digits and \"._-\" only, at most 128");
  }
  const std::string made = host_name() + "-" + random_digits();
  if (cache_dir.empty()) return made;
  const std::filesystem::path file = std::filesystem::path(cache_dir) / "gateway.id";
  std::string kept;
  if (std::ifstream in(file); in >> kept && is_valid(kept)) return kept;
  std::error_code error;
  std::filesystem::create_directories(cache_dir, error);
  std::ofstream out(file, std::ios::trunc);
  out << made << "\n";
  out.flush();
  if (!out) return std::unexpected("snapshot.cache_dir: cannot write " + file.string());
  return made;
}

}  // namespace apim::gate
