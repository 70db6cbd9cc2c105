#include <fmt/format.h>

#include "cli/command.h"

namespace apim::cli {
namespace {

struct SubscribeOptions {
  std::string application;
  std::string api;
  std::string plan;
};

// The first plan the API offers.
Outcome<std::string> default_plan(Client& client, const nlohmann::json& api) {
  ASSIGN_OR_FAIL(const Reply reply, client.get(kPublisher + "/apis/" + field(api, "id")));
  const auto plans = reply.body.is_object() ? reply.body.value("policies", nlohmann::json::array())
                                            : nlohmann::json::array();
  if (!plans.empty() && plans[0].is_string()) return plans[0].get<std::string>();
  return fail(Exit::Refused, fmt::format("API {} offers no business plan", field(api, "name")),
              "name one with --plan, or add `policies` to its api.yaml");
}

Outcome<void> subscribe(Context& context, const SubscribeOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto application, find_application(*client, options.application));
  ASSIGN_OR_FAIL(const auto api, find_api(*client, options.api));
  std::string plan = options.plan;
  if (plan.empty()) {
    ASSIGN_OR_FAIL(plan, default_plan(*client, api));
  }
  const nlohmann::json body = {{"applicationId", field(application, "applicationId")},
                               {"apiId", field(api, "id")},
                               {"throttlingPolicy", plan}};
  ASSIGN_OR_FAIL(const Reply reply, client->post(kDevportal + "/subscriptions", body));
  return conclude(context, *client, reply.epoch,
                  fmt::format("subscribed {} to {} {} with plan {}", options.application,
                              field(api, "name"), field(api, "version"), plan),
                  reply.body);
}

}  // namespace

void add_subscribe(const Menu& menu) {
  auto options = std::make_shared<SubscribeOptions>();
  CLI::App* command =
      menu.add("subscribe", "subscribe an application to an API",
               [options](Context& context) { return subscribe(context, *options); });
  command->add_option("application", options->application, "name or id")->required();
  command->add_option("api", options->api, "NAME[:VERSION] or id")->required();
  command->add_option("plan,--plan", options->plan, "business plan (default: the API's first)");
}

}  // namespace apim::cli
