#include "compile/consumers.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "consumers_generated.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;

static_assert(static_cast<int>(fbs::SubscriptionState::DeletePending) ==
              static_cast<int>(model::SubscriptionState::DeletePending));

std::string where_of(const model::Application& application) {
  return fmt::format("application '{}' of {}", application.name, user_of(application));
}

flatbuffers::Offset<fbs::Application> write_application(Builder& builder,
                                                        const LoweredApplication& lowered) {
  const model::Application& application = *lowered.source;
  const auto uuid = builder.CreateString(application.uuid);
  const auto name = builder.CreateSharedString(application.name);
  const auto owner = builder.CreateSharedString(user_of(application));
  std::vector<fbs::Subscription> subscriptions;
  for (const LoweredSubscription& subscription : lowered.subscriptions) {
    subscriptions.emplace_back(subscription.api, subscription.tier,
                               static_cast<fbs::SubscriptionState>(subscription.state));
  }
  const auto list = builder.CreateVectorOfStructs(subscriptions);
  return fbs::CreateApplication(builder, application.id, uuid, name, owner, lowered.tier, list,
                                layout::hash_bytes(deny_name_of(application)),
                                layout::hash_bytes(user_of(application)));
}

}  // namespace

std::string user_of(const model::Application& application) {
  return application.owner + "@" + application.tenant;
}

std::string deny_name_of(const model::Application& application) {
  const bool is_super = application.tenant == "carbon.super";
  return (is_super ? application.owner : user_of(application)) + ":" + application.name;
}

LoweredApplication lower_application(const model::Application& application,
                                     const std::vector<model::Subscription>& subscriptions,
                                     const PolicyIndex& policies, std::vector<Finding>& findings) {
  LoweredApplication lowered{.source = &application};
  const auto tier = policies.find(
      {application.tenant, model::PolicyLevel::Application, application.throttling_policy});
  if (!tier.has_value()) {
    findings.push_back({where_of(application), tier.error() + "; all its calls are refused"});
    return lowered;
  }
  if (application.status != "APPROVED") {
    findings.push_back({where_of(application),
                        fmt::format("is {}; all its calls are refused", application.status)});
    return lowered;
  }
  lowered.tier = *tier;
  for (const model::Subscription& subscription : subscriptions) {
    const auto plan = policies.find(
        {application.tenant, model::PolicyLevel::Subscription, subscription.throttling_policy});
    if (subscription.api_id == 0) continue;  // Of an API that is gone.
    if (plan.has_value()) {
      lowered.subscriptions.push_back({subscription.api_id, *plan, subscription.state});
    } else {
      findings.push_back(
          {where_of(application), fmt::format("its subscription to API {} is left out: {}",
                                              subscription.api_uuid, plan.error())});
    }
  }
  std::ranges::stable_sort(lowered.subscriptions, {}, &LoweredSubscription::api);
  const auto repeated = std::ranges::unique(lowered.subscriptions, {}, &LoweredSubscription::api);
  lowered.subscriptions.erase(repeated.begin(), repeated.end());
  return lowered;
}

std::string build_consumers(const std::vector<LoweredApplication>& applications) {
  Builder builder(64 * 1'024);
  std::vector<uint32_t> ids;
  std::vector<flatbuffers::Offset<fbs::Application>> written;
  for (const LoweredApplication& lowered : applications) {
    ids.push_back(lowered.source->id);
    written.push_back(write_application(builder, lowered));
  }
  const auto id_list = builder.CreateVector(ids);
  const auto list = builder.CreateVector(written);
  fbs::FinishConsumersBuffer(builder, fbs::CreateConsumers(builder, id_list, list));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace apim::compile
