#include <fmt/format.h>

#include "cli/command.h"

namespace apim::cli {
namespace {

struct AppOptions {
  std::string name;
  std::string plan = "Unlimited";
  std::string description;
};

Outcome<void> list_applications(Context& context) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto applications, collect(*client, kDevportal + "/applications"));
  if (context.output.as_json) {
    context.output.json({{"count", applications.size()}, {"list", applications}});
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& application : applications) {
    rows.push_back({field(application, "name"), field(application, "throttlingPolicy"),
                    field(application, "status"), field(application, "owner"),
                    field(application, "subscriptionCount"), field(application, "applicationId")});
  }
  context.output.table({"NAME", "PLAN", "STATUS", "OWNER", "SUBSCRIPTIONS", "ID"}, rows,
                       "no applications yet; make one with: apimctl apps create NAME");
  return {};
}

Outcome<void> create(Context& context, const AppOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  const nlohmann::json body = {{"name", options.name},
                               {"throttlingPolicy", options.plan},
                               {"description", options.description},
                               {"tokenType", "JWT"}};
  ASSIGN_OR_FAIL(const Reply reply, client->post(kDevportal + "/applications", body));
  return conclude(context, *client, reply.epoch,
                  fmt::format("created application {} with plan {}", options.name, options.plan),
                  reply.body);
}

Outcome<void> erase(Context& context, const AppOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto application, find_application(*client, options.name));
  const std::string id = field(application, "applicationId");
  ASSIGN_OR_FAIL(const Reply reply, client->remove(kDevportal + "/applications/" + id));
  return conclude(context, *client, reply.epoch,
                  fmt::format("deleted application {}, its subscriptions and keys", options.name),
                  {{"applicationId", id}});
}

}  // namespace

void add_apps(const Menu& menu) {
  const Menu apps = menu.group("apps", "applications: list, create, delete", &list_applications);
  apps.add("list", "list the applications", &list_applications);
  auto options = std::make_shared<AppOptions>();
  CLI::App* create_command = apps.add("create", "make an application", [options](Context& context) {
    return create(context, *options);
  });
  create_command->add_option("name", options->name, "its name")->required();
  create_command->add_option("--plan", options->plan, "application policy")->capture_default_str();
  create_command->add_option("--description", options->description, "what it is for");
  CLI::App* delete_command =
      apps.add("delete", "delete an application with its subscriptions and keys",
               [options](Context& context) { return erase(context, *options); });
  delete_command->add_option("name", options->name, "name or id")->required();
}

}  // namespace apim::cli
