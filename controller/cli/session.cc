#include "cli/session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

namespace apim::cli {
namespace {

const char* const kLoginAdvice = "run: apimctl login https://HOST:9443 -u USER";

bool write_all(int file, const std::string& text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    if (count <= 0) return false;
    written += static_cast<size_t>(count);
  }
  return true;
}

// "host[:port]" or "[address][:port]"; nothing when it is neither.
std::optional<Address> parse_host_and_port(std::string rest, int default_port) {
  while (rest.ends_with('/')) rest.pop_back();
  Address address{.host = {}, .port = default_port};
  const size_t colon = rest.rfind(':');
  const bool has_port = colon != std::string::npos && rest.find(']', colon) == std::string::npos;
  address.host = has_port ? rest.substr(0, colon) : rest;
  if (has_port) {
    const std::string digits = rest.substr(colon + 1);
    const bool is_number = !digits.empty() && digits.size() <= 5 &&
                           digits.find_first_not_of("0123456789") == std::string::npos;
    address.port = 0;
    if (is_number) std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (address.port < 1 || address.port > 65535) return std::nullopt;
  }
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host.empty() || address.host.find_first_of("/@?# ") != std::string::npos) {
    return std::nullopt;
  }
  return address;
}

}  // namespace

Outcome<std::filesystem::path> session_dir() {
  if (const char* dir = std::getenv("APIM_CONFIG_DIR"); dir != nullptr && *dir != '\0') return dir;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    return fail(Exit::Usage, "neither APIM_CONFIG_DIR nor HOME is set",
                "set APIM_CONFIG_DIR to the folder apimctl keeps its login in");
  }
  return std::filesystem::path(home) / ".apimctl";
}

Outcome<Session> load_session(const std::filesystem::path& dir) {
  const auto path = dir / "config.json";
  std::ifstream file(path);
  if (!file) return fail(Exit::Usage, "you are not logged in", kLoginAdvice);
  const auto json = nlohmann::json::parse(file, nullptr, false);
  Session session;
  if (!json.is_object()) {
    return fail(Exit::Usage, fmt::format("{} is not JSON", path.string()), kLoginAdvice);
  }
  const auto text = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  session.url = text("url");
  session.user = text("user");
  session.password = text("password");
  session.fingerprint = text("fingerprint");
  if (session.url.empty() || session.user.empty() || session.fingerprint.empty()) {
    return fail(Exit::Usage, fmt::format("{} lacks url, user or fingerprint", path.string()),
                kLoginAdvice);
  }
  return session;
}

Outcome<void> save_session(const std::filesystem::path& dir, const Session& session) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) {
    return fail(Exit::Usage, fmt::format("{}: {}", dir.string(), error.message()),
                "set APIM_CONFIG_DIR to a folder you may write to");
  }
  const nlohmann::json json = {{"url", session.url},
                               {"user", session.user},
                               {"password", session.password},
                               {"fingerprint", session.fingerprint}};
  const std::string draft = (dir / fmt::format("config.json.{}", ::getpid())).string();
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool written = file >= 0 && write_all(file, json.dump(2) + "\n") && ::fsync(file) == 0;
  const int reason = errno;
  if (file >= 0) ::close(file);
  if (written) written = ::rename(draft.c_str(), (dir / "config.json").c_str()) == 0;
  if (!written) {
    if (file >= 0) ::unlink(draft.c_str());
    return fail(Exit::Usage, fmt::format("{}: {}", draft, std::strerror(reason)),
                "set APIM_CONFIG_DIR to a folder you may write to");
  }
  return {};
}

Outcome<Address> parse_url(const std::string& url) {
  const std::string scheme = "https://";
  if (url.starts_with(scheme)) {
    if (const auto address = parse_host_and_port(url.substr(scheme.size()), 9443)) return *address;
  }
  return fail(Exit::Usage, fmt::format("'{}' is not a controller's address", url),
              "write it as https://HOST:PORT, for example https://localhost:9443");
}

Outcome<Address> parse_admin_url(const std::string& url) {
  const std::string scheme = "http://";
  if (url.starts_with(scheme)) {
    if (const auto address = parse_host_and_port(url.substr(scheme.size()), 9190)) return *address;
  }
  return fail(Exit::Usage, fmt::format("'{}' is not the address of a gateway's admin port", url),
              "write it as http://HOST:PORT, for example http://127.0.0.1:9190");
}

Outcome<std::string> parse_fingerprint(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c == ':') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) {
      digits.clear();
      break;
    }
    digits += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (digits.size() != 64) {
    return fail(
        Exit::Usage, fmt::format("'{}' is not a SHA-256 fingerprint", text),
        "give its 32 bytes in hex, as: openssl x509 -in cert.pem -noout -fingerprint -sha256");
  }
  std::string shown;
  for (size_t i = 0; i < digits.size(); i += 2) {
    if (i > 0) shown += ':';
    shown += digits.substr(i, 2);
  }
  return shown;
}

}  // namespace apim::cli
