#include <fmt/format.h>

#include "cli/command.h"

#include "model/ascii.h"

namespace apim::cli {
namespace {

struct DenyOptions {
  std::string kind;
  std::string value;
  std::string last;
  bool inverted = false;
  std::string id;
};

const std::vector<std::string> kKinds = {"api", "application", "user", "ip", "iprange"};

std::string show_value(const nlohmann::json& value) {
  if (!value.is_object()) return value.is_string() ? value.get<std::string>() : value.dump();
  std::string text;
  for (const char* name : {"fixedIp", "startingIp", "endingIp"}) {
    if (!field(value, name).empty()) text += (text.empty() ? "" : " - ") + field(value, name);
  }
  if (value.value("invert", false)) text = "not " + text;
  return text.empty() ? value.dump() : text;
}

Outcome<nlohmann::json> conditions(Client& client) {
  ASSIGN_OR_FAIL(const Reply reply, client.get(kAdmin + "/throttling/deny-policies"));
  return reply.body.is_object() ? reply.body.value("list", nlohmann::json::array()) : reply.body;
}

Outcome<void> list_denies(Context& context) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto all, conditions(*client));
  if (context.output.as_json) {
    context.output.json({{"count", all.size()}, {"list", all}});
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& condition : all) {
    rows.push_back({field(condition, "conditionType"),
                    show_value(condition.value("conditionValue", nlohmann::json())),
                    condition.value("conditionStatus", true) ? "on" : "off",
                    field(condition, "conditionId")});
  }
  context.output.table({"TYPE", "VALUE", "STATE", "ID"}, rows, "nobody is denied");
  return {};
}

// The conditionValue of WSO2's BlockingCondition.
Outcome<nlohmann::json> condition_value(const DenyOptions& options) {
  if (options.kind == "ip") {
    return nlohmann::json{{"fixedIp", options.value}, {"invert", options.inverted}};
  }
  if (options.kind == "iprange") {
    if (options.last.empty()) {
      return fail(Exit::Usage, "a range needs its last address",
                  "for example: apimctl deny add iprange 10.0.0.1 --last 10.0.0.9");
    }
    return nlohmann::json{
        {"startingIp", options.value}, {"endingIp", options.last}, {"invert", options.inverted}};
  }
  return nlohmann::json(options.value);
}

Outcome<void> add(Context& context, const DenyOptions& options) {
  ASSIGN_OR_FAIL(const auto value, condition_value(options));
  ASSIGN_OR_FAIL(const auto client, connect());
  const nlohmann::json body = {{"conditionType", model::upper(options.kind)},
                               {"conditionValue", value},
                               {"conditionStatus", true}};
  ASSIGN_OR_FAIL(const Reply reply, client->post(kAdmin + "/throttling/deny-policies", body));
  return conclude(context, *client, reply.epoch,
                  fmt::format("denied {} {}: {}", options.kind, show_value(value),
                              field(reply.body, "conditionId")),
                  reply.body);
}

// By id, or by the value it was made with.
Outcome<void> erase(Context& context, const DenyOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto all, conditions(*client));
  for (const auto& condition : all) {
    const std::string id = field(condition, "conditionId");
    const auto value = condition.value("conditionValue", nlohmann::json());
    if (id != options.id && show_value(value) != options.id) continue;
    ASSIGN_OR_FAIL(const Reply reply, client->remove(kAdmin + "/throttling/deny-policy/" + id));
    return conclude(context, *client, reply.epoch,
                    "removed the deny policy of " + show_value(value), {{"conditionId", id}});
  }
  return fail(Exit::Refused, fmt::format("there is no deny policy '{}'", options.id),
              "list them with: apimctl deny list");
}

}  // namespace

void add_deny(const Menu& menu) {
  auto options = std::make_shared<DenyOptions>();
  const Menu deny = menu.group("deny", "deny policies: list, add, remove", &list_denies);
  deny.add("list", "list who is denied", &list_denies);
  CLI::App* add_command = deny.add("add", "deny somebody",
                                   [options](Context& context) { return add(context, *options); });
  add_command->add_option("kind", options->kind, "api, application, user, ip or iprange")
      ->required()
      ->check(CLI::IsMember(kKinds));
  add_command
      ->add_option("value", options->value,
                   "/context/version, owner:application, user@tenant, or an address")
      ->required();
  add_command->add_option("--last", options->last, "iprange: its last address");
  add_command->add_flag("--invert", options->inverted, "ip, iprange: deny everybody else");
  CLI::App* remove_command = deny.add("remove", "let them in again", [options](Context& context) {
    return erase(context, *options);
  });
  remove_command->add_option("id", options->id, "id or value")->required();
}

}  // namespace apim::cli
