#include <fmt/format.h>

#include "cli/command.h"

namespace apim::cli {
namespace {

bool refuses(const nlohmann::json& gateway) {
  const auto refused_epoch = gateway.value("refused_epoch", uint64_t{0});
  return gateway.value("alive", false) && !field(gateway, "refused_reason").empty() &&
         refused_epoch > gateway.value("epoch", uint64_t{0});
}

std::string show_state(const nlohmann::json& gateway) {
  if (!gateway.value("alive", false)) return "gone";
  if (!refuses(gateway)) return field(gateway, "state");
  return fmt::format("refuses {}: {}", gateway.value("refused_epoch", uint64_t{0}),
                     field(gateway, "refused_reason"));
}

Outcome<void> list(Context& context, const std::string& environment) {
  ASSIGN_OR_FAIL(const auto client, connect());
  const std::string query = environment.empty() ? "" : "?environment=" + escape_query(environment);
  ASSIGN_OR_FAIL(const Reply reply, client->get(kApim + "/gateways" + query));
  if (context.output.as_json) {
    context.output.json(reply.body);
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  std::vector<Colour> colours;
  for (const auto& gateway : reply.body.value("list", nlohmann::json::array())) {
    rows.push_back({field(gateway, "id"), field(gateway, "environment"), field(gateway, "epoch"),
                    field(gateway, "apis"), field(gateway, "keys"), field(gateway, "workers"),
                    show_time(gateway.value("seen_ms", int64_t{0})), field(gateway, "version"),
                    show_state(gateway)});
    colours.push_back(refuses(gateway) ? Colour::Bad : Colour::Plain);
  }
  context.output.table(
      {"ID", "ENVIRONMENT", "EPOCH", "APIS", "KEYS", "WORKERS", "SEEN", "VERSION", "STATE"}, rows,
      "no gateway has reported yet", colours);
  return {};
}

}  // namespace

void add_gateways(const Menu& menu) {
  auto environment = std::make_shared<std::string>();
  CLI::App* command =
      menu.add("gateways", "list the gateways, what they serve and what they refuse",
               [environment](Context& context) { return list(context, *environment); });
  command->add_option("--env", *environment, "only of this gateway environment");
}

}  // namespace apim::cli
