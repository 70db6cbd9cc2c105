#include "cli/command.h"

#include <fmt/format.h>

#include <utility>

namespace apim::cli {
namespace {

constexpr size_t kPageCount = 100;
constexpr size_t kPagesMax = 1000;

std::string first_refusal(const nlohmann::json& list, uint64_t epoch) {
  if (!list.is_array()) return "";
  for (const auto& gateway : list) {
    const uint64_t refused = gateway.value("refused_epoch", uint64_t{0});
    if (refused >= epoch && epoch > 0) {
      return fmt::format("gateway {} refuses epoch {}: {}", field(gateway, "id"), refused,
                         field(gateway, "refused_reason"));
    }
  }
  return "";
}

std::string names_of(const nlohmann::json& list) {
  std::string names;
  for (const auto& item : list) {
    names += (names.empty() ? "" : ", ") + field(item, "name") + ":" + field(item, "version");
  }
  return names;
}

uint64_t elapsed_ms(std::chrono::steady_clock::time_point started) {
  const auto elapsed = std::chrono::steady_clock::now() - started;
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count());
}

}  // namespace

CLI::App* Menu::add(const std::string& name, const std::string& help, Action action) const {
  CLI::App* command = app->add_subcommand(name, help);
  command->fallthrough();
  command->callback([into = chosen, action = std::move(action)] { *into = action; });
  return command;
}

Menu Menu::group(const std::string& name, const std::string& help, Action action) const {
  CLI::App* noun = app->add_subcommand(name, help);
  noun->fallthrough();
  noun->callback([noun, into = chosen, action = std::move(action)] {
    if (noun->get_subcommands().empty()) *into = action;
  });
  return {.app = noun, .chosen = chosen};
}

Outcome<std::unique_ptr<Client>> connect() {
  ASSIGN_OR_FAIL(const auto dir, session_dir());
  ASSIGN_OR_FAIL(const Session session, load_session(dir));
  CHECK_OR_FAIL(parse_url(session.url));
  return std::make_unique<Client>(session);
}

Outcome<nlohmann::json> collect(Client& client, const std::string& path) {
  nlohmann::json all = nlohmann::json::array();
  const std::string separator = path.find('?') == std::string::npos ? "?" : "&";
  for (size_t page = 0; page < kPagesMax; ++page) {
    const std::string url =
        fmt::format("{}{}limit={}&offset={}", path, separator, kPageCount, all.size());
    ASSIGN_OR_FAIL(const Reply reply, client.get(url));
    const auto list = reply.body.is_object() ? reply.body.find("list") : reply.body.end();
    if (!reply.body.is_object() || list == reply.body.end() || !list->is_array()) {
      return fail(Exit::Refused, fmt::format("{}: the answer has no list", path),
                  "is this an apim controller of the same version?");
    }
    for (const auto& item : *list) all.push_back(item);
    const auto pages = reply.body.find("pagination");
    const bool has_total = pages != reply.body.end() && pages->contains("total");
    const size_t total = has_total ? pages->value("total", all.size()) : all.size();
    if (list->empty() || all.size() >= total) break;
  }
  return all;
}

Outcome<Settled> settle(Context& context, Client& client, const std::string& environment,
                        uint64_t epoch, std::chrono::steady_clock::time_point started) {
  Settled settled{.epoch = epoch, .live = nullptr};
  if (!context.wait || epoch == 0) return settled;
  const Output& output = context.output;
  const std::string where = "environment=" + escape_query(environment);
  ASSIGN_OR_FAIL(const Reply gateways, client.get(kApim + "/gateways?" + where));
  size_t alive = 0;
  for (const auto& gateway : gateways.body.value("list", nlohmann::json::array())) {
    if (gateway.value("alive", false)) ++alive;
  }
  if (alive == 0) {
    output.note(
        fmt::format("no gateway of environment {} is alive; the next one to start serves "
                    "epoch {}",
                    environment, epoch));
    settled.live = {{"live", 0}, {"total", 0}, {"reached", false}};
    return settled;
  }
  const Progress progress(output, "waiting for the gateways");
  const uint64_t timeout_ms = uint64_t{context.timeout_s} * 1000;
  client.allow_ms(timeout_ms + 10'000);
  ASSIGN_OR_FAIL(const Reply reply,
                 client.get(fmt::format("{}/gateways/wait?{}&epoch={}&timeout_ms={}", kApim, where,
                                        epoch, timeout_ms)));
  const uint64_t live_ms = elapsed_ms(started);
  const auto live = reply.body.value("live", uint64_t{0});
  const auto total = reply.body.value("total", uint64_t{0});
  settled.live = {{"environment", environment},
                  {"live", live},
                  {"total", total},
                  {"ms", live_ms},
                  {"reached", reply.body.value("reached", false)}};
  if (!reply.body.value("reached", false)) {
    const auto list = reply.body.value("list", nlohmann::json::array());
    const std::string refusal = first_refusal(list, epoch);
    return fail(Exit::Refused,
                fmt::format("live on {}/{} gateways only{}{}", live, total,
                            refusal.empty() ? " when the time was up" : ": ", refusal),
                "the change is stored; look at: apimctl gateways");
  }
  output.line(output.paint(Colour::Good,
                           fmt::format("live on {}/{} gateways in {} ms", live, total, live_ms)));
  return settled;
}

Outcome<void> conclude(Context& context, Client& client, uint64_t epoch, const std::string& said,
                       nlohmann::json answer) {
  const auto started = std::chrono::steady_clock::now();
  context.output.line(epoch == 0 ? said : fmt::format("{} (epoch {})", said, epoch));
  ASSIGN_OR_FAIL(const Settled settled, settle(context, client, "Default", epoch, started));
  if (!context.output.as_json) return {};
  if (!answer.is_object()) answer = nlohmann::json::object();
  answer["epoch"] = settled.epoch;
  answer["live"] = settled.live;
  context.output.json(answer);
  return {};
}

std::string field(const nlohmann::json& object, const std::string& name) {
  if (!object.is_object()) return "";
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

Outcome<nlohmann::json> find_api(Client& client, const std::string& reference) {
  const size_t colon = reference.rfind(':');
  const std::string name = reference.substr(0, colon);
  const std::string version = colon == std::string::npos ? "" : reference.substr(colon + 1);
  ASSIGN_OR_FAIL(const auto all, collect(client, kPublisher + "/apis"));
  nlohmann::json named = nlohmann::json::array();
  nlohmann::json matching = nlohmann::json::array();
  for (const auto& api : all) {
    if (field(api, "id") == reference) return api;
    if (field(api, "name") != name) continue;
    named.push_back(api);
    if (version.empty() || field(api, "version") == version) matching.push_back(api);
  }
  if (matching.size() == 1) return matching[0];
  if (matching.size() > 1) {
    return fail(Exit::Refused, fmt::format("API '{}' has {} versions", name, matching.size()),
                "say which one: " + names_of(matching));
  }
  const std::string advice =
      named.empty() ? "list them with: apimctl apis" : "these exist: " + names_of(named);
  return fail(Exit::Refused, fmt::format("there is no API '{}'", reference), advice);
}

Outcome<nlohmann::json> find_application(Client& client, const std::string& name) {
  ASSIGN_OR_FAIL(const auto all, collect(client, kDevportal + "/applications"));
  for (const auto& application : all) {
    if (field(application, "name") == name || field(application, "applicationId") == name) {
      return application;
    }
  }
  return fail(Exit::Refused, fmt::format("there is no application '{}'", name),
              "list them with: apimctl apps; make one with: apimctl apps create " + name);
}

}  // namespace apim::cli
