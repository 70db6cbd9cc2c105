#include <fmt/format.h>

#include "cli/command.h"

namespace apim::cli {
namespace {

struct SnapshotOptions {
  std::string environment = "Default";
  uint64_t epoch = 0;
  uint64_t from = 0;
  uint64_t to = 0;
  bool dumps = false;
};

std::string with_environment(const std::string& path, const SnapshotOptions& options) {
  return fmt::format("{}/snapshots{}?environment={}", kApim, path,
                     escape_query(options.environment));
}

std::string show_moment(const nlohmann::json& snapshot) {
  const auto moment = snapshot.find("createdTime");
  if (moment == snapshot.end()) return "-";
  return moment->is_number_integer() ? show_time(moment->get<int64_t>())
                                     : field(snapshot, "createdTime");
}

Outcome<nlohmann::json> manifests(Client& client, const SnapshotOptions& options) {
  ASSIGN_OR_FAIL(const Reply reply, client.get(with_environment("", options)));
  return reply.body.is_object() ? reply.body.value("list", nlohmann::json::array()) : reply.body;
}

// `options.epoch`, or the current one when none was given.
Outcome<uint64_t> chosen_epoch(Client& client, const SnapshotOptions& options) {
  if (options.epoch != 0) return options.epoch;
  ASSIGN_OR_FAIL(const auto list, manifests(client, options));
  for (const auto& snapshot : list) {
    if (snapshot.value("current", false)) return snapshot.value("epoch", uint64_t{0});
  }
  return fail(Exit::Refused, "nothing has been published for " + options.environment,
              "list what is there with: apimctl snapshot list");
}

Outcome<void> list_snapshots(Context& context, const SnapshotOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const auto all, manifests(*client, options));
  if (context.output.as_json) {
    context.output.json({{"count", all.size()}, {"list", all}});
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& snapshot : all) {
    const std::string origin = field(snapshot, "rollbackOf");
    rows.push_back({field(snapshot, "epoch"), show_moment(snapshot), field(snapshot, "segments"),
                    field(snapshot, "bytes"), snapshot.value("current", false) ? "yes" : "",
                    origin.empty() || origin == "0" ? "" : origin});
  }
  context.output.table({"EPOCH", "CREATED", "SEGMENTS", "BYTES", "CURRENT", "ROLLBACK OF"}, rows,
                       "nothing has been published for " + options.environment);
  return {};
}

Outcome<void> inspect(Context& context, const SnapshotOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const uint64_t epoch, chosen_epoch(*client, options));
  const std::string path = fmt::format("/{}{}", epoch, options.dumps ? "/dump" : "");
  ASSIGN_OR_FAIL(const Reply reply, client->get(with_environment(path, options)));
  if (context.output.as_json || !reply.body.is_object() || options.dumps) {
    if (reply.body.is_null()) {
      *context.output.out << reply.text << "\n";
    } else {
      context.output.json(reply.body);
    }
    return {};
  }
  const auto segments = reply.body.contains("segments") && reply.body["segments"].is_array()
                            ? reply.body["segments"]
                            : reply.body.value("list", nlohmann::json::array());
  std::vector<std::vector<std::string>> rows;
  for (const auto& segment : segments) {
    rows.push_back({field(segment, "kind"), field(segment, "shard"), field(segment, "bytes"),
                    field(segment, "name")});
  }
  context.output.line(fmt::format("epoch {} of {}", epoch, options.environment));
  context.output.table({"KIND", "SHARD", "BYTES", "NAME"}, rows, "it has no segments");
  return {};
}

Outcome<void> verify(Context& context, const SnapshotOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  ASSIGN_OR_FAIL(const uint64_t epoch, chosen_epoch(*client, options));
  ASSIGN_OR_FAIL(const Reply reply,
                 client->get(with_environment(fmt::format("/{}/verify", epoch), options)));
  const bool is_valid = reply.body.is_object() && reply.body.value("valid", false);
  if (context.output.as_json) context.output.json(reply.body);
  if (!is_valid) {
    return fail(Exit::Refused, fmt::format("epoch {} is not intact: {}", epoch, reply.body.dump()),
                "roll back to another one: apimctl snapshot rollback EPOCH");
  }
  context.output.line(fmt::format("epoch {} of {}: signature, hashes and contents are intact",
                                  epoch, options.environment));
  return {};
}

// {"added": [...], "removed": [...], "changed": [...]} at any depth, as indented signs.
void print_difference(const Output& output, const nlohmann::json& node, const std::string& indent) {
  const std::map<std::string, std::string> signs = {
      {"added", "+"}, {"removed", "-"}, {"changed", "~"}};
  for (const auto& [name, value] : node.items()) {
    const auto sign = signs.find(name);
    if (sign != signs.end() && value.is_array()) {
      for (const auto& item : value) {
        const std::string text = item.is_string() ? item.get<std::string>() : item.dump();
        output.line(fmt::format("{}{} {}", indent, sign->second, tame(text)));
      }
    } else if (value.is_object()) {
      output.line(indent + name);
      print_difference(output, value, indent + "  ");
    } else if (value.is_array() && !value.empty()) {
      output.line(indent + name);
      for (const auto& item : value) output.line(indent + "  " + tame(item.dump()));
    }
  }
}

Outcome<void> diff(Context& context, const SnapshotOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  const std::string path =
      fmt::format("{}&from={}&to={}", with_environment("/diff", options), options.from, options.to);
  ASSIGN_OR_FAIL(const Reply reply, client->get(path));
  if (context.output.as_json || !reply.body.is_object()) {
    context.output.json(reply.body);
    return {};
  }
  context.output.line(fmt::format("from epoch {} to epoch {}", options.from, options.to));
  print_difference(context.output, reply.body, "");
  return {};
}

Outcome<void> rollback(Context& context, const SnapshotOptions& options) {
  ASSIGN_OR_FAIL(const auto client, connect());
  const auto started = std::chrono::steady_clock::now();
  const std::string path =
      fmt::format("{}&epoch={}", with_environment("/rollback", options), options.epoch);
  ASSIGN_OR_FAIL(const Reply reply, client->post(path));
  const uint64_t epoch =
      reply.body.is_object() ? reply.body.value("epoch", reply.epoch) : reply.epoch;
  context.output.line(fmt::format("{} serves the content of epoch {} again, as epoch {}",
                                  options.environment, options.epoch, epoch));
  context.output.note("this holds until the next change is published; the database is untouched");
  ASSIGN_OR_FAIL(const Settled settled,
                 settle(context, *client, options.environment, epoch, started));
  if (context.output.as_json) {
    context.output.json({{"epoch", epoch}, {"rollbackOf", options.epoch}, {"live", settled.live}});
  }
  return {};
}

}  // namespace

void add_snapshot(const Menu& menu) {
  auto options = std::make_shared<SnapshotOptions>();
  const Action list_all = [options](Context& context) { return list_snapshots(context, *options); };
  const Menu snapshot = menu.group(
      "snapshot", "published snapshots: list, inspect, verify, diff, rollback", list_all);
  const auto add = [&](const char* name, const char* help, auto function) {
    CLI::App* command = snapshot.add(
        name, help, [options, function](Context& context) { return function(context, *options); });
    command->add_option("--env", options->environment, "gateway environment")
        ->capture_default_str();
    return command;
  };
  add("list", "list the kept snapshots", &list_snapshots);
  CLI::App* inspect_command = add("inspect", "show a snapshot's segments", &inspect);
  inspect_command->add_option("epoch", options->epoch, "which (default: the current one)");
  inspect_command->add_flag("--dump", options->dumps, "the whole content, readable");
  add("verify", "check signature, hashes and contents", &verify)
      ->add_option("epoch", options->epoch, "which (default: the current one)");
  CLI::App* diff_command = add("diff", "what changed from one snapshot to another", &diff);
  diff_command->add_option("from", options->from, "epoch")->required();
  diff_command->add_option("to", options->to, "epoch")->required();
  add("rollback", "publish an old snapshot's content again, until the next change", &rollback)
      ->add_option("epoch", options->epoch, "epoch")
      ->required();
}

}  // namespace apim::cli
