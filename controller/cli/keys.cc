#include <fmt/format.h>

#include "cli/command.h"

#include "model/ascii.h"

namespace apim::cli {
namespace {

struct KeyOptions {
  std::string application;
  std::string type = "production";
  std::string name;
  std::string key;
  int64_t valid_s = -1;
  std::string permitted_ips;
  std::string permitted_referers;
};

const std::vector<std::string> kTypes = {"PRODUCTION", "SANDBOX"};

std::string keys_path(const nlohmann::json& application, const std::string& type) {
  return fmt::format("{}/applications/{}/api-keys/{}", kDevportal,
                     field(application, "applicationId"), type);
}

// Every key of the application, both types; each element carries its "keyType".
Outcome<nlohmann::json> all_keys(Client& client, const nlohmann::json& application) {
  nlohmann::json all = nlohmann::json::array();
  for (const std::string& type : kTypes) {
    ASSIGN_OR_FAIL(const Reply reply, client.get(keys_path(application, type)));
    const auto list =
        reply.body.is_object() ? reply.body.value("list", nlohmann::json::array()) : reply.body;
    for (auto key : list) {
      key["keyType"] = type;
      all.push_back(key);
    }
  }
  return all;
}

std::string show_expiry(const nlohmann::json& key) {
  const auto validity = key.find("validityPeriod");
  const bool is_endless =
      validity == key.end() || !validity->is_number_integer() || validity->get<int64_t>() < 0;
  return is_endless ? "never" : fmt::format("{} s after", validity->get<int64_t>());
}

Outcome<void> list_keys(Context& context, const KeyOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto application, find_application(*client, options.application));
  ASSIGN_OR_FAIL(const auto keys, all_keys(*client, application));
  if (context.output.as_json) {
    context.output.json({{"count", keys.size()}, {"list", keys}});
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& key : keys) {
    rows.push_back({field(key, "keyName"), field(key, "keyType"), field(key, "issuedOn"),
                    show_expiry(key), field(key, "keyUUID")});
  }
  context.output.table({"NAME", "TYPE", "ISSUED", "EXPIRES", "ID"}, rows,
                       "no keys yet; make one with: apimctl keys create " + options.application);
  return {};
}

Outcome<void> create(Context& context, const KeyOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto application, find_application(*client, options.application));
  nlohmann::json properties = nlohmann::json::object();
  if (!options.permitted_ips.empty()) properties["permittedIP"] = options.permitted_ips;
  if (!options.permitted_referers.empty()) {
    properties["permittedReferer"] = options.permitted_referers;
  }
  nlohmann::json body = {{"validityPeriod", options.valid_s}, {"additionalProperties", properties}};
  if (!options.name.empty()) body["keyName"] = options.name;
  const std::string path = keys_path(application, model::upper(options.type)) + "/generate";
  ASSIGN_OR_FAIL(const Reply reply, client->post(path, body));
  const std::string key = field(reply.body, "apikey");
  if (key.empty())
    return fail(Exit::Refused, "the answer carries no key", "see the controller's log");
  context.output.note("this key is shown once and stored as a digest only:");
  return conclude(context, *client, reply.epoch, key, reply.body);
}

Outcome<void> revoke(Context& context, const KeyOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto application, find_application(*client, options.application));
  ASSIGN_OR_FAIL(const auto keys, all_keys(*client, application));
  nlohmann::json body = {{"apikey", options.key}};
  std::string type = model::upper(options.type);
  for (const auto& key : keys) {
    if (field(key, "keyUUID") != options.key && field(key, "keyName") != options.key) continue;
    body = {{"keyUUID", field(key, "keyUUID")}};
    type = field(key, "keyType");
  }
  ASSIGN_OR_FAIL(const Reply reply, client->post(keys_path(application, type) + "/revoke", body));
  return conclude(context, *client, reply.epoch, "revoked the key", body);
}

CLI::Option* add_type(CLI::App* command, KeyOptions& options) {
  return command->add_option("--type", options.type, "production or sandbox")
      ->check(CLI::IsMember({"production", "sandbox"}, CLI::ignore_case))
      ->capture_default_str();
}

}  // namespace

void add_keys(const Menu& menu) {
  auto options = std::make_shared<KeyOptions>();
  const Menu keys = menu.group("keys", "API keys of an application: create, revoke, list",
                               [](Context&) -> Outcome<void> {
                                 return fail(Exit::Usage, "create, revoke or list is needed",
                                             "for example: apimctl keys list APPLICATION");
                               });
  CLI::App* list_command =
      keys.add("list", "list an application's keys",
               [options](Context& context) { return list_keys(context, *options); });
  list_command->add_option("application", options->application, "name or id")->required();
  CLI::App* create_command =
      keys.add("create", "make a key; it is shown once",
               [options](Context& context) { return create(context, *options); });
  create_command->add_option("application", options->application, "name or id")->required();
  add_type(create_command, *options);
  create_command->add_option("--name", options->name, "to recognise the key by");
  create_command->add_option("--valid", options->valid_s, "seconds it is valid; -1 = for ever")
      ->capture_default_str();
  create_command->add_option("--ip", options->permitted_ips,
                             "addresses and CIDR it may come from, comma list");
  create_command->add_option("--referer", options->permitted_referers,
                             "referers it may come with, comma list, * matches any run");
  CLI::App* revoke_command = keys.add(
      "revoke", "revoke a key", [options](Context& context) { return revoke(context, *options); });
  revoke_command->add_option("application", options->application, "name or id")->required();
  revoke_command->add_option("key", options->key, "the key, its id or its name")->required();
  add_type(revoke_command, *options);
}

}  // namespace apim::cli
