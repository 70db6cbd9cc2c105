#include "gate/arguments.h"

#include <charconv>
#include <string_view>

namespace apim::gate {

const char* const kHelpText =
    "apim-gateway: enforces and forwards API calls according to the snapshot of its controller.\n"
    "\n"
    "  --config FILE            settings, TOML (conf/gateway.toml explains each)\n"
    "  --set section.key=VALUE  one setting; may be repeated; comes after the file\n"
    "  --replaces PID           upgrade: once a snapshot is served, listens and drains PID\n"
    "  --print-config           the settings with their documentation and defaults\n"
    "  --version                this version and the libraries'\n"
    "  --help                   this text\n"
    "\n"
    "SIGTERM stops in order, a second one at once; SIGHUP opens the access log again.\n";

std::expected<Arguments, std::string> parse_arguments(std::span<char* const> words) {
  Arguments arguments;
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const bool takes_value = word == "--config" || word == "--set" || word == "--replaces";
    if (takes_value && i + 1 == words.size())
      return std::unexpected(std::string(word) + " needs a value");
    if (word == "--config") {
      arguments.config_file = words[++i];
    } else if (word == "--set") {
      arguments.overrides.emplace_back(words[++i]);
    } else if (word == "--replaces") {
      const std::string_view pid = words[++i];
      const auto [end, error] =
          std::from_chars(pid.data(), pid.data() + pid.size(), arguments.replaces);
      if (error != std::errc() || end != pid.data() + pid.size() || arguments.replaces < 1)
        return std::unexpected("--replaces needs a process id, not '" + std::string(pid) + "'");
    } else if (word == "--help" || word == "-h") {
      arguments.wish = Arguments::Wish::Help;
    } else if (word == "--version") {
      arguments.wish = Arguments::Wish::Version;
    } else if (word == "--print-config") {
      arguments.wish = Arguments::Wish::PrintConfig;
    } else {
      return std::unexpected("unknown argument " + std::string(word) + "; --help lists them");
    }
  }
  return arguments;
}

}  // namespace apim::gate
