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

// What subscriptions the application has; of one API only unless `api_id` is "".
Outcome<nlohmann::json> find_subscriptions(Client& client, const nlohmann::json& application,
                                           const std::string& api_id) {
  std::string path = kDevportal + "/subscriptions?applicationId=" +
                     escape_query(field(application, "applicationId"));
  if (!api_id.empty()) path += "&apiId=" + escape_query(api_id);
  return collect(client, path);
}

Outcome<void> unsubscribe(Context& context, const SubscribeOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto application, find_application(*client, options.application));
  ASSIGN_OR_FAIL(const auto api, find_api(*client, options.api));
  ASSIGN_OR_FAIL(const auto found, find_subscriptions(*client, application, field(api, "id")));
  if (found.empty()) {
    return fail(Exit::Refused,
                fmt::format("{} is not subscribed to {}", options.application, options.api),
                "list what there is with: apimctl subscriptions " + options.application);
  }
  const std::string id = field(found[0], "subscriptionId");
  ASSIGN_OR_FAIL(const Reply reply, client->remove(kDevportal + "/subscriptions/" + id));
  return conclude(context, *client, reply.epoch,
                  fmt::format("unsubscribed {} from {} {}", options.application, field(api, "name"),
                              field(api, "version")),
                  {{"subscriptionId", id}});
}

Outcome<void> list(Context& context, const SubscribeOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto application, find_application(*client, options.application));
  ASSIGN_OR_FAIL(const auto found, find_subscriptions(*client, application, ""));
  if (context.output.as_json) {
    context.output.json({{"count", found.size()}, {"list", found}});
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : found) {
    const nlohmann::json api = one.value("apiInfo", nlohmann::json::object());
    rows.push_back({field(api, "name"), field(api, "version"), field(one, "throttlingPolicy"),
                    field(one, "status"), field(one, "subscriptionId")});
  }
  context.output.table({"API", "VERSION", "PLAN", "STATUS", "ID"}, rows,
                       fmt::format("no subscriptions yet; make one with: apimctl subscribe {} API",
                                   options.application));
  return {};
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
  CLI::App* end = menu.add("unsubscribe", "end an application's subscription to an API",
                           [options](Context& context) { return unsubscribe(context, *options); });
  end->add_option("application", options->application, "name or id")->required();
  end->add_option("api", options->api, "NAME[:VERSION] or id")->required();
  CLI::App* lister = menu.add("subscriptions", "list an application's subscriptions",
                              [options](Context& context) { return list(context, *options); });
  lister->add_option("application", options->application, "name or id")->required();
}

}  // namespace apim::cli
