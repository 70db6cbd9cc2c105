#include <fmt/format.h>

#include "cli/command.h"

namespace apim::cli {
namespace {

struct ApiOptions {
  std::string api;
  std::string environment;
};

std::string described(const nlohmann::json& api) {
  return field(api, "name") + " " + field(api, "version");
}

Outcome<void> list_apis(Context& context) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto apis, collect(*client, kPublisher + "/apis"));
  if (context.output.as_json) {
    context.output.json({{"count", apis.size()}, {"list", apis}});
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& api : apis) {
    rows.push_back({field(api, "name"), field(api, "version"), field(api, "context"),
                    field(api, "lifeCycleStatus"), field(api, "provider"), field(api, "id")});
  }
  context.output.table({"NAME", "VERSION", "CONTEXT", "STATE", "PROVIDER", "ID"}, rows,
                       "no APIs yet; deploy one with: apimctl deploy PROJECT");
  return {};
}

// Where revisions of the API serve: [{revisionUuid, name, vhost, …}].
Outcome<nlohmann::json> deployments(Client& client, const std::string& id) {
  ASSIGN_OR_FAIL(const Reply reply, client.get(kPublisher + "/apis/" + id + "/deployments"));
  return reply.body.is_object() ? reply.body.value("list", nlohmann::json::array()) : reply.body;
}

Outcome<void> undeploy(Context& context, const ApiOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto api, find_api(*client, options.api));
  ASSIGN_OR_FAIL(const auto places, deployments(*client, field(api, "id")));
  uint64_t epoch = 0;
  size_t count = 0;
  for (const auto& place : places) {
    if (!options.environment.empty() && field(place, "name") != options.environment) continue;
    const nlohmann::json body = nlohmann::json::array({{{"name", field(place, "name")},
                                                        {"vhost", field(place, "vhost")},
                                                        {"displayOnDevportal", true}}});
    const std::string path = fmt::format("{}/apis/{}/undeploy-revision?revisionId={}", kPublisher,
                                         field(api, "id"), field(place, "revisionUuid"));
    ASSIGN_OR_FAIL(const Reply reply, client->post(path, body));
    epoch = std::max(epoch, reply.epoch);
    ++count;
  }
  if (count == 0) {
    const std::string where =
        options.environment.empty() ? "anywhere" : "on " + options.environment;
    return fail(Exit::Refused, fmt::format("API {} is not deployed {}", described(api), where),
                "deploy it with: apimctl deploy PROJECT");
  }
  return conclude(context, *client, epoch,
                  fmt::format("undeployed API {} from {} place{}", described(api), count,
                              count == 1 ? "" : "s"),
                  {{"id", field(api, "id")}, {"undeployed", count}});
}

Outcome<void> erase(Context& context, const ApiOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto api, find_api(*client, options.api));
  ASSIGN_OR_FAIL(const Reply reply, client->remove(kPublisher + "/apis/" + field(api, "id")));
  return conclude(context, *client, reply.epoch, "deleted API " + described(api),
                  {{"id", field(api, "id")}});
}

}  // namespace

void add_apis(const Menu& menu) {
  menu.add("apis", "list the APIs", &list_apis);
  auto options = std::make_shared<ApiOptions>();
  CLI::App* undeploy_command =
      menu.add("undeploy", "take an API off the gateways; it stays in the controller",
               [options](Context& context) { return undeploy(context, *options); });
  undeploy_command->add_option("api", options->api, "NAME[:VERSION] or id")->required();
  undeploy_command->add_option("--env", options->environment, "only from this gateway environment");
  CLI::App* delete_command =
      menu.add("delete", "delete an API with its revisions",
               [options](Context& context) { return erase(context, *options); });
  delete_command->add_option("api", options->api, "NAME[:VERSION] or id")->required();
}

}  // namespace apim::cli
