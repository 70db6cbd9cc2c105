// Apim: /api/apim/v1, what WSO2's REST has no word for: gateways, snapshots, users.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rest/dispatch.h"
#include "rest/documents.h"
#include "rest/fields.h"
#include "rest/page.h"
#include "rest/router.h"
#include "service/environments.h"
#include "service/snapshots.h"
#include "service/users.h"
#include "store/outbox.h"

namespace apim::rest {
namespace {

using model::Result;
using nlohmann::json;
using service::Context;
namespace may = service::permissions;
namespace snapshots = service::snapshots;

constexpr std::string_view kBase = "/api/apim/v1";

Result<Answer> get_info(Context& context, const Call&) {
  ASSIGN_OR_REFUSE(const uint64_t epoch, context.store.read([](service::Transaction& tx) {
    return store::outbox::newest(tx);
  }));
  return json_answer({{"name", "apim"}, {"version", APIM_VERSION}, {"epoch", epoch}});
}

Result<Answer> get_me(Context&, const Call& call) {
  return json_answer(
      {{"user", call.caller.user}, {"tenant", call.caller.tenant}, {"scopes", call.caller.scopes}});
}

// ---- gateways

Result<Answer> list_gateways(Context& context, const Call& call) {
  std::vector<std::string> names;
  if (const std::string& environment = call.request.parameter("environment");
      !environment.empty()) {
    names.push_back(environment);
  } else {
    ASSIGN_OR_REFUSE(const auto all,
                     service::environments::list(context, call.caller, may::kGatewayView));
    for (const model::Environment& one : all) names.push_back(one.name);
  }
  json list = json::array();
  for (const std::string& name : names) {
    ASSIGN_OR_REFUSE(const auto found, snapshots::gateways(context, call.caller, name));
    for (const publish::Gateway& gateway : found) list.push_back(gateway.state);
  }
  return list_answer(std::move(list));
}

Result<Answer> wait_for_gateways(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string environment, read_required(call.request, "environment"));
  ASSIGN_OR_REFUSE(const uint64_t epoch, read_number(call.request, "epoch", 0));
  ASSIGN_OR_REFUSE(const uint64_t timeout_ms, read_number(call.request, "timeout_ms", 10'000));
  const auto bounded_ms =
      static_cast<int64_t>(std::min<uint64_t>(timeout_ms, snapshots::kWaitMsMax));
  ASSIGN_OR_REFUSE(const publish::Arrival arrival,
                   snapshots::wait(context, call.caller, environment, epoch, bounded_ms));
  json list = json::array();
  for (const publish::Gateway& gateway : arrival.list) list.push_back(gateway.state);
  return json_answer({{"live", arrival.live},
                      {"total", arrival.total},
                      {"waited_ms", arrival.waited_ms},
                      {"reached", arrival.reached},
                      {"list", std::move(list)}});
}

// ---- snapshots

Result<uint64_t> read_epoch(const std::string& text) {
  Request request;
  request.query["epoch"] = text;
  return read_number(request, "epoch", 0);
}

Result<Answer> list_snapshots(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string environment, read_required(call.request, "environment"));
  ASSIGN_OR_REFUSE(const auto all, snapshots::list(context, call.caller, environment));
  json list = json::array();
  for (const publish::Publication& one : all) {
    list.push_back({{"epoch", one.epoch},
                    {"createdTime", one.created_ms},
                    {"segments", one.segments},
                    {"bytes", one.bytes},
                    {"current", one.is_current},
                    {"rollbackOf", one.rollback_of}});
  }
  return list_answer(std::move(list));
}

Result<Answer> get_snapshot(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string environment, read_required(call.request, "environment"));
  ASSIGN_OR_REFUSE(const uint64_t epoch, read_epoch(call.parameters[0]));
  ASSIGN_OR_REFUSE(const compile::Manifest manifest,
                   snapshots::get(context, call.caller, environment, epoch));
  json segments = json::array();
  for (const compile::SegmentRef& segment : manifest.content.segments) {
    segments.push_back({{"kind", std::string(compile::to_text(segment.kind))},
                        {"shard", segment.shard},
                        {"bytes", segment.bytes},
                        {"name", compile::to_hex(segment.digest)}});
  }
  return json_answer({{"environment", manifest.environment},
                      {"epoch", manifest.epoch},
                      {"createdTime", manifest.created_ms},
                      {"rollbackOf", manifest.rollback_of},
                      {"keyId", manifest.key_id},
                      {"segments", std::move(segments)}});
}

Result<Answer> dump_snapshot(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string environment, read_required(call.request, "environment"));
  ASSIGN_OR_REFUSE(const uint64_t epoch, read_epoch(call.parameters[0]));
  ASSIGN_OR_REFUSE(const json dumped, snapshots::dump(context, call.caller, environment, epoch));
  return json_answer(dumped);
}

Result<Answer> verify_snapshot(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string environment, read_required(call.request, "environment"));
  ASSIGN_OR_REFUSE(const uint64_t epoch, read_epoch(call.parameters[0]));
  ASSIGN_OR_REFUSE(const auto findings,
                   snapshots::verify(context, call.caller, environment, epoch));
  return json_answer({{"valid", findings.empty()}, {"findings", findings}});
}

Result<Answer> diff_snapshots(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string environment, read_required(call.request, "environment"));
  ASSIGN_OR_REFUSE(const uint64_t from, read_number(call.request, "from", 0));
  ASSIGN_OR_REFUSE(const uint64_t to, read_number(call.request, "to", 0));
  ASSIGN_OR_REFUSE(const auto differences,
                   snapshots::diff(context, call.caller, environment, from, to));
  json kinds = json::object();
  for (const compile::Difference& difference : differences) {
    using Change = compile::Difference::Change;
    const char* change = difference.change == Change::Added     ? "added"
                         : difference.change == Change::Removed ? "removed"
                                                                : "changed";
    kinds[difference.kind][change].push_back(difference.name);
  }
  return json_answer({{"from", from}, {"to", to}, {"differences", std::move(kinds)}});
}

Result<Answer> roll_back(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const std::string environment, read_required(call.request, "environment"));
  CHECK_OR_REFUSE(read_required(call.request, "epoch"));
  ASSIGN_OR_REFUSE(const uint64_t epoch, read_number(call.request, "epoch", 0));
  ASSIGN_OR_REFUSE(const uint64_t fresh,
                   snapshots::rollback(context, call.caller, environment, epoch));
  return changed_answer(json_answer({{"epoch", fresh}, {"rollbackOf", epoch}}), fresh);
}

// ---- users

json user_json(const model::User& user) {
  return {
      {"name", user.name}, {"tenant", user.tenant}, {"roles", user.roles}, {"locked", user.locked}};
}

Result<Answer> list_users(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const auto all, service::users::list(context, call.caller));
  json list = json::array();
  for (const model::User& user : all) list.push_back(user_json(user));
  return list_answer(std::move(list));
}

Result<Answer> create_user(Context& context, const Call& call) {
  ASSIGN_OR_REFUSE(const json body, parse_json(call.request.body));
  Fields fields(body);
  const std::string name = fields.required_text("name");
  const std::string password = fields.required_text("password");
  const std::vector<std::string> roles = fields.texts("roles");
  CHECK_OR_REFUSE(fields.done("The user is not valid"));
  ASSIGN_OR_REFUSE(const model::User user,
                   service::users::create(context, call.caller, name, password, roles));
  Answer answer = json_answer(user_json(user), 201);
  answer.headers["Location"] = fmt::format("{}/users/{}", kBase, user.name);
  return answer;
}

Result<Answer> remove_user(Context& context, const Call& call) {
  CHECK_OR_REFUSE(service::users::remove(context, call.caller, call.parameters[0]));
  return empty_answer();
}

Result<Answer> get_document(Context&, const Call&) { return document_answer(Document::Apim); }

constexpr Route kRoutes[] = {
    {Role::Any, "GET", kBase, "/swagger.yaml", Body::None, may::kAnybody, get_document},
    {Role::Any, "GET", kBase, "/info", Body::None, may::kAnybody, get_info},
    {Role::Any, "GET", kBase, "/me", Body::None, may::kAnyUser, get_me},
    {Role::Any, "GET", kBase, "/gateways", Body::None, may::kGatewayView, list_gateways},
    {Role::Any, "GET", kBase, "/gateways/wait", Body::None, may::kGatewayView, wait_for_gateways},
    {Role::Any, "GET", kBase, "/snapshots", Body::None, may::kSnapshotView, list_snapshots},
    {Role::Any, "GET", kBase, "/snapshots/diff", Body::None, may::kSnapshotView, diff_snapshots},
    {Role::Any, "POST", kBase, "/snapshots/rollback", Body::Optional, may::kEnvironmentManage,
     roll_back},
    {Role::Any, "GET", kBase, "/snapshots/{epoch}", Body::None, may::kSnapshotView, get_snapshot},
    {Role::Any, "GET", kBase, "/snapshots/{epoch}/dump", Body::None, may::kSnapshotView,
     dump_snapshot},
    {Role::Any, "GET", kBase, "/snapshots/{epoch}/verify", Body::None, may::kSnapshotView,
     verify_snapshot},
    {Role::Any, "GET", kBase, "/users", Body::None, may::kUserManage, list_users},
    {Role::Any, "POST", kBase, "/users", Body::Json, may::kUserManage, create_user},
    {Role::Any, "DELETE", kBase, "/users/{name}", Body::None, may::kUserManage, remove_user},
};

}  // namespace

std::span<const Route> apim_routes() { return kRoutes; }

}  // namespace apim::rest
