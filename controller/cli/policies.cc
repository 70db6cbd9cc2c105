#include <fmt/format.h>

#include "cli/command.h"
#include "cli/quota.h"

namespace apim::cli {
namespace {

struct PolicyOptions {
  std::string level;
  std::string name;
  std::string limit;
  std::string burst;
  std::string description;
  bool goes_on = false;
};

const std::vector<std::string> kLevels = {"subscription", "application", "advanced"};

std::string path_of(const std::string& level) { return kAdmin + "/throttling/policies/" + level; }

Outcome<nlohmann::json> policies_of(Client& client, const std::string& level) {
  ASSIGN_OR_FAIL(const Reply reply, client.get(path_of(level)));
  return reply.body.is_object() ? reply.body.value("list", nlohmann::json::array()) : reply.body;
}

std::string show_burst(const nlohmann::json& policy) {
  const auto& burst = policy.contains("burstLimit") ? policy["burstLimit"] : policy;
  const auto count = burst.is_object() ? burst.find("rateLimitCount") : burst.end();
  const bool has_burst = burst.is_object() && count != burst.end() && count->is_number_integer() &&
                         count->get<int64_t>() > 0;
  return has_burst
             ? fmt::format("{} per {}", count->get<int64_t>(), field(burst, "rateLimitTimeUnit"))
             : "-";
}

Outcome<void> list_policies(Context& context, const PolicyOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  nlohmann::json all = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const std::string& level : kLevels) {
    if (!options.level.empty() && options.level != level) continue;
    ASSIGN_OR_FAIL(const auto policies, policies_of(*client, level));
    for (auto policy : policies) {
      rows.push_back({level, field(policy, "policyName"),
                      show_limit(policy.value("defaultLimit", nlohmann::json())),
                      show_burst(policy), field(policy, "policyId")});
      policy["level"] = level;
      all.push_back(policy);
    }
  }
  if (context.output.as_json) {
    context.output.json({{"count", all.size()}, {"list", all}});
    return {};
  }
  context.output.table({"LEVEL", "NAME", "LIMIT", "BURST", "ID"}, rows, "no policies");
  return {};
}

Outcome<nlohmann::json> policy_body(const PolicyOptions& options) {
  ASSIGN_OR_FAIL(const Quota quota, parse_quota(options.limit));
  nlohmann::json body = {{"policyName", options.name},
                         {"displayName", options.name},
                         {"description", options.description},
                         {"defaultLimit", to_limit(quota)}};
  if (options.level == "subscription") {
    body["billingPlan"] = "FREE";
    body["stopOnQuotaReach"] = !options.goes_on;
  }
  if (options.level == "advanced") body["conditionalGroups"] = nlohmann::json::array();
  if (options.burst.empty()) return body;
  ASSIGN_OR_FAIL(const Quota burst, parse_quota(options.burst));
  const bool fits = burst.unit_time == 1 && (burst.unit == "sec" || burst.unit == "min");
  if (options.level == "advanced" || !fits) {
    return fail(Exit::Usage,
                "--burst is per second or minute, for subscription and application policies",
                "for example: --burst 10/s");
  }
  const nlohmann::json limit = {{"rateLimitCount", burst.count}, {"rateLimitTimeUnit", burst.unit}};
  if (options.level == "application") {
    body["burstLimit"] = limit;
  } else {
    body.update(limit);
  }
  return body;
}

Outcome<void> create(Context& context, const PolicyOptions& options) {
  ASSIGN_OR_FAIL(const auto body, policy_body(options));
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const Reply reply, client->post(path_of(options.level), body));
  return conclude(context, *client, reply.epoch,
                  fmt::format("created {} policy {}: {}", options.level, options.name,
                              show_limit(body["defaultLimit"])),
                  reply.body);
}

Outcome<void> erase(Context& context, const PolicyOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto policies, policies_of(*client, options.level));
  for (const auto& policy : policies) {
    if (field(policy, "policyName") != options.name) continue;
    const std::string path = path_of(options.level) + "/" + field(policy, "policyId");
    ASSIGN_OR_FAIL(const Reply reply, client->remove(path));
    return conclude(context, *client, reply.epoch,
                    fmt::format("deleted {} policy {}", options.level, options.name),
                    {{"policyId", field(policy, "policyId")}});
  }
  return fail(Exit::Refused, fmt::format("there is no {} policy '{}'", options.level, options.name),
              "list them with: apimctl policies list --level " + options.level);
}

}  // namespace

void add_policies(const Menu& menu) {
  auto options = std::make_shared<PolicyOptions>();
  const Action list_all = [options](Context& context) { return list_policies(context, *options); };
  const Menu policies =
      menu.group("policies", "throttling policies: list, create, delete", list_all);
  const auto levels = CLI::IsMember(kLevels);
  policies.add("list", "list the policies of every level", list_all)
      ->add_option("--level", options->level, "only of this level")
      ->check(levels);
  CLI::App* create_command = policies.add(
      "create", "make a policy", [options](Context& context) { return create(context, *options); });
  create_command->add_option("level", options->level, "subscription, application or advanced")
      ->required()
      ->check(levels);
  create_command->add_option("name", options->name, "its name")->required();
  create_command->add_option("--limit", options->limit, "for example 100/min")->required();
  create_command->add_option("--burst", options->burst, "for example 10/s");
  create_command->add_option("--description", options->description, "what it is for");
  create_command->add_flag("--no-stop", options->goes_on,
                           "subscription: let requests pass beyond the quota");
  CLI::App* delete_command =
      policies.add("delete", "delete a policy that nothing uses",
                   [options](Context& context) { return erase(context, *options); });
  delete_command->add_option("level", options->level, "subscription, application or advanced")
      ->required()
      ->check(levels);
  delete_command->add_option("name", options->name, "its name")->required();
}

}  // namespace apim::cli
