// Main: apim-gateway's command line.

#include <flatbuffers/flatbuffers.h>
#include <fmt/core.h>

#include <cstdio>

#include "base/config.h"
#include "base/log.h"
#include "gate/arguments.h"
#include "gate/gateway.h"
#include "http/h1_parser.h"
#include "net/versions.h"

namespace {

void print_version() {
  std::printf("apim-gateway %s\n", APIM_VERSION);
  std::printf("  libuv       %s\n", apim::net::libuv_version_text().c_str());
  std::printf("  llhttp      %s (strict)\n",
              std::string(apim::http::llhttp_version_text()).c_str());
  std::printf("  BoringSSL   %s\n", apim::net::boringssl_version_text().c_str());
  std::printf("  %s\n", flatbuffers::flatbuffers_version_string());
  std::printf("  fmt         %d\n", FMT_VERSION);
}

int serve(const apim::gate::Arguments& arguments) {
  const auto settings = apim::load_settings(arguments.config_file, arguments.overrides);
  if (!settings) {
    for (const std::string& line : settings.error().lines)
      std::fprintf(stderr, "apim-gateway: %s\n", line.c_str());
    return 2;
  }
  apim::log::set_level(settings->log.level);
  apim::gate::Gateway gateway(*settings, arguments.replaces);
  if (const auto opened = gateway.open(); !opened) {
    std::fprintf(stderr, "apim-gateway: %s\n", opened.error().c_str());
    return 1;
  }
  return gateway.run() ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  const auto arguments = apim::gate::parse_arguments({words, static_cast<size_t>(count)});
  if (!arguments) {
    std::fprintf(stderr, "apim-gateway: %s\n", arguments.error().c_str());
    return 2;
  }
  switch (arguments->wish) {
    case apim::gate::Arguments::Wish::Help: std::fputs(apim::gate::kHelpText, stdout); return 0;
    case apim::gate::Arguments::Wish::Version: print_version(); return 0;
    case apim::gate::Arguments::Wish::PrintConfig:
      std::fputs(apim::print_default_settings().c_str(), stdout);
      return 0;
    case apim::gate::Arguments::Wish::Serve: return serve(*arguments);
  }
}
