#include "cli/app.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace apim::cli {
namespace {

void add_everything(CLI::App& app, Action& chosen) {
  const Menu menu{.app = &app, .chosen = &chosen};
  add_login(menu);
  add_deploy(menu);
  add_apis(menu);
  add_apps(menu);
  add_subscribe(menu);
  add_keys(menu);
  add_policies(menu);
  add_deny(menu);
  add_snapshot(menu);
  add_gateways(menu);
  add_why(menu);
}

void add_common_options(CLI::App& app, Context& context, std::string& format) {
  app.add_option("-o,--output", format, "table for people, json for programs")
      ->check(CLI::IsMember({"table", "json"}));
  app.add_flag("--wait,!--no-wait", context.wait,
               "wait until the gateways serve a change (default: yes)");
  app.add_option("--timeout", context.timeout_s, "seconds to wait for the gateways")
      ->check(CLI::Range(1U, 3600U))
      ->capture_default_str();
  app.set_version_flag("--version", std::string("apimctl ") + APIM_VERSION);
}

Exit report(const Context& context, const Failure& failure) {
  context.output.note("apimctl: " + failure.message);
  if (!failure.advice.empty()) context.output.note("  " + failure.advice);
  return failure.exit;
}

Exit parse_and_run(Context& context, const std::vector<std::string>& arguments) {
  CLI::App app("apimctl: deploys and runs APIs on an apim controller", "apimctl");
  app.require_subcommand(1);
  Action chosen;
  std::string format = "table";
  add_common_options(app, context, format);
  add_everything(app, chosen);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::Success& success) {
    app.exit(success, *context.output.out, *context.output.err);
    return Exit::Done;
  } catch (const CLI::ParseError& error) {
    const auto left = app.get_subcommands().empty() ? app.remaining() : std::vector<std::string>();
    const std::string what =
        left.empty() ? error.what() : fmt::format("'{}' is not a command", left.front());
    return report(context, {Exit::Usage, what, "see: apimctl --help"});
  }
  context.output.as_json = format == "json";
  if (!chosen) return report(context, {Exit::Usage, "a subcommand is needed", "add --help"});
  const Outcome<void> outcome = chosen(context);
  return outcome ? Exit::Done : report(context, outcome.error());
}

}  // namespace

Exit run(Context& context, const std::vector<std::string>& arguments) {
  try {
    return parse_and_run(context, arguments);
  } catch (const std::exception& error) {
    // A library that throws where nothing foreseen can: still one line and a code.
    return report(context, {Exit::Refused, std::string("unexpected: ") + error.what(),
                            "please report this with the command you ran"});
  }
}

}  // namespace apim::cli
