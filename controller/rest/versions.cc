#include "rest/versions.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
// As config.cc has it: what a header defines is defined once in a program.
#define TOML_ASSERT(expression) static_cast<void>(0)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <httplib.h>
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include <dlfcn.h>
#include <flatbuffers/base.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <spdlog/version.h>
#include <zip.h>
#include <nlohmann/json.hpp>

#include <soci/version.h>

namespace apim::rest {
namespace {

// Libraries that only other libraries are linked with; "" when the process has none.
template <class Function>
Function find(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

std::string sqlite_version() {
  const auto version = find<const char* (*)()>("sqlite3_libversion");
  return version == nullptr ? "none" : version();
}

std::string libpq_version() {
  const auto version = find<int (*)()>("PQlibVersion");
  if (version == nullptr) return "none";
  return fmt::format("{}.{}", version() / 10'000, version() % 10'000);
}

}  // namespace

std::string versions_text() {
  std::string text = fmt::format("apim-controller {}\n", APIM_VERSION);
  const auto line = [&](const char* name, const std::string& version) {
    text += fmt::format("  {:<14} {}\n", name, version);
  };
  line("OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING));
  line("cpp-httplib", CPPHTTPLIB_VERSION);
  line("SOCI", fmt::format("{}.{}.{}", SOCI_VERSION / 100'000, SOCI_VERSION / 100 % 1'000,
                           SOCI_VERSION % 100));
  line("SQLite", sqlite_version());
  line("libpq", libpq_version());
  line("libsodium", sodium_version_string());
  line("FlatBuffers", fmt::format("{}.{}.{}", FLATBUFFERS_VERSION_MAJOR, FLATBUFFERS_VERSION_MINOR,
                                  FLATBUFFERS_VERSION_REVISION));
  line("libzip", zip_libzip_version());
  line("nlohmann-json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                                    NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH));
  line("toml++", fmt::format("{}.{}.{}", TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH));
  line("fmt",
       fmt::format("{}.{}.{}", FMT_VERSION / 10'000, FMT_VERSION / 100 % 100, FMT_VERSION % 100));
  line("spdlog", fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH));
  return text;
}

}  // namespace apim::rest
