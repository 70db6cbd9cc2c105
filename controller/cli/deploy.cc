#include <fmt/format.h>

#include "cli/bundle.h"
#include "cli/change.h"
#include "cli/command.h"

namespace apim::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct DeployOptions {
  BundleArguments bundle;
  bool rotate_revision = false;
};

// The API of that name and version as the publisher sees it; null when there is none.
Outcome<nlohmann::json> current_api(Client& client, const Bundle& bundle) {
  const std::string query = escape_query("name:" + bundle.name + " version:" + bundle.version);
  ASSIGN_OR_FAIL(const auto list, collect(client, kPublisher + "/apis?query=" + query));
  for (const auto& api : list) {
    if (field(api, "name") != bundle.name || field(api, "version") != bundle.version) continue;
    ASSIGN_OR_FAIL(const Reply reply, client.get(kPublisher + "/apis/" + field(api, "id")));
    return reply.body;
  }
  return nlohmann::json(nullptr);
}

Outcome<Reply> upload(Context& context, Client& client, const Bundle& bundle, bool rotate) {
  const Progress progress(context.output, "deploying");
  const std::string path = fmt::format(
      "{}/apis/import?overwrite=true&preserveProvider=true&rotateRevision={}", kPublisher, rotate);
  auto reply = client.upload(path, {{.name = "file",
                                     .content = bundle.zip,
                                     .file_name = bundle.name + "-" + bundle.version + ".zip",
                                     .content_type = "application/zip"}});
  if (!reply && reply.error().message.find("900351") != std::string::npos) {
    reply.error().advice = "add --rotate-revision to drop the oldest revision";
  }
  return reply;
}

void print_list(const Output& output, const std::string& sign, const std::string& what,
                const std::vector<std::string>& items) {
  for (const auto& item : items) output.line(fmt::format("  {} {}{}", sign, what, tame(item)));
}

void print_change(const Output& output, const Bundle& bundle, const Change& change) {
  const std::string verb = change.created ? "created" : change.empty() ? "unchanged" : "updated";
  output.line(fmt::format("{} API {} {}", verb, tame(bundle.name), tame(bundle.version)));
  print_list(output, "+", "", change.added);
  print_list(output, "-", "", change.removed);
  print_list(output, "~", "", change.changed);
  print_list(output, "~", "", change.fields);
}

void print_warnings(const Output& output, const nlohmann::json& warnings) {
  for (const auto& warning : warnings) {
    output.note(fmt::format("warning: {}: {}", tame(field(warning, "field")),
                            tame(field(warning, "message"))));
  }
}

std::string show_targets(const std::vector<import::DeploymentTarget>& targets) {
  std::string text;
  for (const auto& target : targets) {
    text += (text.empty() ? "" : ", ") + target.environment;
    if (!target.vhost.empty()) text += " (" + target.vhost + ")";
  }
  return text;
}

Outcome<nlohmann::json> settle_all(Context& context, Client& client, const Bundle& bundle,
                                   uint64_t epoch, Clock::time_point started) {
  nlohmann::json live = nlohmann::json::array();
  for (const auto& target : bundle.targets) {
    ASSIGN_OR_FAIL(const Settled settled,
                   settle(context, client, target.environment, epoch, started));
    if (!settled.live.is_null()) live.push_back(settled.live);
  }
  return live;
}

Outcome<void> deploy(Context& context, const DeployOptions& options) {
  ASSIGN_OR_FAIL(const Bundle bundle, make_bundle(options.bundle, context.variables));
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto before, current_api(*client, bundle));
  const auto started = Clock::now();
  ASSIGN_OR_FAIL(const Reply reply, upload(context, *client, bundle, options.rotate_revision));
  const auto uploaded = Clock::now();
  ASSIGN_OR_FAIL(const auto after, current_api(*client, bundle));
  const Change change = compare_apis(before, after);
  const auto warnings = reply.body.is_object()
                            ? reply.body.value("warnings", nlohmann::json::array())
                            : nlohmann::json::array();
  const std::string revision = field(reply.body, "revision");
  print_change(context.output, bundle, change);
  print_warnings(context.output, warnings);
  if (!bundle.targets.empty()) {
    context.output.line(fmt::format("revision {} on {}, epoch {}", revision,
                                    show_targets(bundle.targets), reply.epoch));
  } else {
    context.output.line("not deployed: the API is retired");
  }
  // The look at the result in between is not part of the way to the gateways.
  const auto looked = Clock::now() - uploaded;
  ASSIGN_OR_FAIL(const auto live,
                 settle_all(context, *client, bundle, reply.epoch, started + looked));
  if (!context.output.as_json) return {};
  context.output.json({{"id", field(after, "id")},
                       {"name", bundle.name},
                       {"version", bundle.version},
                       {"context", field(after, "context")},
                       {"revision", revision},
                       {"epoch", reply.epoch},
                       {"warnings", warnings},
                       {"change", change.to_json()},
                       {"live", live}});
  return {};
}

}  // namespace

void add_deploy(const Menu& menu) {
  auto options = std::make_shared<DeployOptions>();
  CLI::App* command =
      menu.add("deploy", "import an API, make a revision, deploy it, wait until it is live",
               [options](Context& context) { return deploy(context, *options); });
  BundleArguments& bundle = options->bundle;
  command
      ->add_option("project", bundle.source,
                   "apictl project (folder, zip, api.yaml) or OpenAPI 3 document")
      ->required();
  command->add_option("--params", bundle.params_file, "api_params.yaml to apply");
  command->add_option("--params-env", bundle.params_environment,
                      "the entry of the params' environments (default: the one named like --env, "
                      "else the only one)");
  command->add_option("--env", bundle.environment,
                      "gateway environment (default: what the project says, "
                      "else Default)");
  command->add_option("--vhost", bundle.vhost, "virtual host (default: the environment's first)");
  command->add_flag("--rotate-revision", options->rotate_revision,
                    "drop the oldest revision when there are too many");
  command->add_option("--name", bundle.name, "OpenAPI: the API's name (default: info.title)");
  command->add_option("--context", bundle.context, "OpenAPI: base path without the version");
  command->add_option("--version", bundle.version,
                      "OpenAPI: the API's version (default: info.version)");
  command->add_option("--endpoint", bundle.endpoint, "OpenAPI: URL of the back end");
  command->add_option("--sandbox-endpoint", bundle.sandbox_endpoint,
                      "OpenAPI: URL for sandbox keys");
  command->add_option("--plan", bundle.plans, "OpenAPI: a business plan to offer; may repeat");
  command->add_option("--state", bundle.state, "OpenAPI: lifecycle state")
      ->check(CLI::IsMember({"CREATED", "PROTOTYPED", "PUBLISHED"}))
      ->capture_default_str();
}

}  // namespace apim::cli
