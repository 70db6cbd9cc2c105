#include "service/snapshots.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/environments.h"

namespace apim::service::snapshots {
namespace {

constexpr int kCodeNoEnvironment = 900506;
constexpr int kCodeUnreadable = 900967;
constexpr int64_t kSliceMs = 250;

Result<void> check_environment(Context& context, const Caller& caller, const std::string& name) {
  ASSIGN_OR_REFUSE(const auto found, context.store.read([&](Transaction& tx) {
    return store::environments::find_by_name(tx, caller.tenant, name);
  }));
  if (found) return {};
  return model::refuse(model::not_found(kCodeNoEnvironment, "Gateway environment '" + name + "'"));
}

compile::SegmentReader reader(Context& context) {
  return [&context](const compile::SegmentRef& ref) {
    auto bytes = context.hub.get_segment(ref.digest);
    return bytes.has_value() ? std::move(*bytes) : std::string();
  };
}

template <class T>
Result<T> readable(std::expected<T, std::string> result) {
  if (result.has_value()) return std::move(*result);
  return model::refuse({.http_status = 500,
                        .code = kCodeUnreadable,
                        .message = "The snapshot cannot be read",
                        .description = std::move(result.error())});
}

}  // namespace

Result<std::vector<publish::Gateway>> gateways(Context& context, const Caller& caller,
                                               const std::string& environment) {
  CHECK_OR_REFUSE(permit(caller, permissions::kGatewayView));
  CHECK_OR_REFUSE(check_environment(context, caller, environment));
  return publish::gateways(context.hub, environment);
}

Result<publish::Arrival> wait(Context& context, const Caller& caller,
                              const std::string& environment, uint64_t epoch, int64_t timeout_ms) {
  CHECK_OR_REFUSE(permit(caller, permissions::kGatewayView));
  CHECK_OR_REFUSE(check_environment(context, caller, environment));
  const int64_t wait_ms = std::clamp<int64_t>(timeout_ms, 0, kWaitMsMax);
  int64_t waited_ms = 0;
  // In slices, so that a controller that stops does not have to wait for who waits here.
  while (true) {
    publish::Arrival arrival =
        publish::wait_for(context.hub, environment, epoch, std::min(kSliceMs, wait_ms - waited_ms));
    const bool slice_is_over = arrival.waited_ms >= std::min(kSliceMs, wait_ms - waited_ms);
    waited_ms += std::max<int64_t>(arrival.waited_ms, 1);
    arrival.waited_ms = waited_ms;
    if (arrival.reached || !slice_is_over || waited_ms >= wait_ms || context.stopping)
      return arrival;
  }
}

Result<std::vector<publish::Publication>> list(Context& context, const Caller& caller,
                                               const std::string& environment) {
  CHECK_OR_REFUSE(permit(caller, permissions::kSnapshotView));
  CHECK_OR_REFUSE(check_environment(context, caller, environment));
  return context.publisher.publications(environment);
}

Result<compile::Manifest> get(Context& context, const Caller& caller,
                              const std::string& environment, uint64_t epoch) {
  CHECK_OR_REFUSE(permit(caller, permissions::kSnapshotView));
  CHECK_OR_REFUSE(check_environment(context, caller, environment));
  return context.publisher.manifest(environment, epoch);
}

Result<nlohmann::json> dump(Context& context, const Caller& caller, const std::string& environment,
                            uint64_t epoch) {
  ASSIGN_OR_REFUSE(const compile::Manifest manifest, get(context, caller, environment, epoch));
  return readable(compile::dump(manifest.content, reader(context)));
}

Result<std::vector<std::string>> verify(Context& context, const Caller& caller,
                                        const std::string& environment, uint64_t epoch) {
  ASSIGN_OR_REFUSE(const compile::Manifest manifest, get(context, caller, environment, epoch));
  return compile::verify_segments(manifest.content, reader(context));
}

Result<std::vector<compile::Difference>> diff(Context& context, const Caller& caller,
                                              const std::string& environment, uint64_t from,
                                              uint64_t to) {
  ASSIGN_OR_REFUSE(const compile::Manifest before, get(context, caller, environment, from));
  ASSIGN_OR_REFUSE(const compile::Manifest after, get(context, caller, environment, to));
  return readable(compile::diff(before.content, after.content, reader(context)));
}

Result<uint64_t> rollback(Context& context, const Caller& caller, const std::string& environment,
                          uint64_t epoch) {
  CHECK_OR_REFUSE(permit(caller, permissions::kEnvironmentManage));
  CHECK_OR_REFUSE(check_environment(context, caller, environment));
  ASSIGN_OR_REFUSE(const uint64_t fresh, context.publisher.rollback(environment, epoch));
  CHECK_OR_REFUSE(context.store.write([&](Transaction& tx) {
    return note(tx, caller, "snapshot.rollback",
                fmt::format("'{}' to epoch {} as {}", environment, epoch, fresh));
  }));
  return fresh;
}

}  // namespace apim::service::snapshots
