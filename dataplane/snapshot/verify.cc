#include "snapshot/verify.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "consumers_generated.h"
#include "keys_generated.h"
#include "limits_generated.h"
#include "routes_generated.h"
#include "snapshot/frame.h"
#include "snapshot/verify_table.h"

namespace apim::snapshot {
namespace {

constexpr uint64_t kWindowSecondsMax = 100ULL * 366 * 86400;
constexpr uint8_t kDepthMax = 63;

// ids and tables side by side, sorted, each once, each in its shard.
template <class Table>
Checked<void> check_ids(const SegmentRef& ref, const flatbuffers::Vector<uint32_t>& ids,
                        const flatbuffers::Vector<flatbuffers::Offset<Table>>& tables) {
  if (ids.size() != tables.size()) return meaningless("as many ids as entries are needed");
  for (uint32_t i = 0; i < ids.size(); ++i) {
    const uint32_t id = ids.Get(i);
    if (id == 0 || tables.Get(i)->id() != id)
      return meaningless(fmt::format("entry {} has another id than {}", i, id));
    if (i > 0 && ids.Get(i - 1) >= id)
      return meaningless(fmt::format("id {} is not sorted or stands twice", id));
    if (layout::shard_of_id(id, ref.shard_bits) != ref.shard) {
      return meaningless(fmt::format("id {} belongs to another shard", id));
    }
  }
  return {};
}

// ---------------------------------------------------------------- routes

std::string_view text_of(const fbs::Vhost& vhost, const fbs::RouteEntry& entry) {
  return {reinterpret_cast<const char*>(vhost.texts()->data()) + entry.text_offset(),
          entry.text_length()};
}

Checked<void> check_route(const fbs::Vhost& vhost, const fbs::RouteEntry& entry) {
  if (uint64_t{entry.text_offset()} + entry.text_length() > vhost.texts()->size()) {
    return meaningless("a context's text lies outside");
  }
  const std::string_view text = text_of(vhost, entry);
  const bool is_root = text == "/";
  if (!is_root && (!text.starts_with('/') || text.ends_with('/') || !is_visible(text))) {
    return meaningless(fmt::format("'{}' is not a context", text));
  }
  if (entry.hash() != layout::hash_bytes(text))
    return meaningless(fmt::format("context {} has a wrong hash", text));
  const auto depth = is_root ? 0 : std::ranges::count(text, '/');
  if (depth > kDepthMax || depth != entry.depth() || (vhost.depth_mask() >> depth & 1) == 0) {
    return meaningless(fmt::format("context {} has a wrong depth", text));
  }
  return {};
}

Checked<void> check_vhost(const fbs::Vhost& vhost) {
  const auto& entries = *vhost.entries();
  APIM_CHECK_MEANING(check_aligned(entries));
  for (const fbs::RouteEntry* entry : entries) APIM_CHECK_MEANING(check_route(vhost, *entry));
  APIM_CHECK_MEANING(check_buckets(*vhost.index(), entries.size(),
                                   [&](uint32_t i) { return entries.Get(i)->hash(); }));
  for (uint32_t i = 0; i < entries.size(); ++i) {
    for (uint32_t j = i + 1; j < entries.size() && entries.Get(j)->hash() == entries.Get(i)->hash();
         ++j) {
      if (text_of(vhost, *entries.Get(i)) == text_of(vhost, *entries.Get(j))) {
        return meaningless(fmt::format("context {} stands twice", text_of(vhost, *entries.Get(i))));
      }
    }
  }
  return {};
}

Checked<void> check(const SegmentRef&, const fbs::Routes& routes) {
  std::string_view before;
  for (const fbs::Vhost* vhost : *routes.vhosts()) {
    const std::string_view host = vhost->host()->string_view();
    if (host.empty() || has_upper_case(host) || !is_visible(host))
      return meaningless(fmt::format("'{}' is not a host", host));
    if (!before.empty() && before >= host)
      return meaningless(fmt::format("host {} is not sorted or stands twice", host));
    before = host;
    if (auto checked = check_vhost(*vhost); !checked) {
      return meaningless(fmt::format("host {}: {}", host, checked.error().reason));
    }
  }
  return {};
}

// ------------------------------------------------------------------ apis

Checked<void> check(const SegmentRef& ref, const fbs::Apis& apis) {
  APIM_CHECK_MEANING(check_ids(ref, *apis.ids(), *apis.apis()));
  for (const fbs::Api* api : *apis.apis()) {
    if (auto checked = verify_api(*api); !checked) {
      return meaningless(fmt::format("API {} {}: {}", api->name()->string_view(),
                                     api->version()->string_view(), checked.error().reason));
    }
  }
  return {};
}

// ---------------------------------------------------------------- limits

Checked<void> check_policy(const fbs::ThrottlePolicy& policy) {
  if (policy.level() > fbs::PolicyLevel::MAX) return meaningless("a level that is not known");
  if (policy.limit() == nullptr) return meaningless("no limit is given");
  APIM_CHECK_MEANING(verify_limit(*policy.limit()));
  if (policy.burst() != nullptr) APIM_CHECK_MEANING(verify_limit(*policy.burst()));
  return {};
}

Checked<void> check(const SegmentRef&, const fbs::Limits& limits) {
  uint32_t before = 0;
  for (const fbs::ThrottlePolicy* policy : *limits.policies()) {
    if (policy->id() <= before)
      return meaningless(fmt::format("policy {} is not sorted or stands twice", policy->id()));
    before = policy->id();
    if (auto checked = check_policy(*policy); !checked) {
      return meaningless(
          fmt::format("policy {}: {}", policy->name()->string_view(), checked.error().reason));
    }
  }
  const fbs::Deny& deny = *limits.deny();
  for (const auto* hashes : {deny.apis(), deny.applications(), deny.users()}) {
    APIM_CHECK_MEANING(check_aligned(*hashes));
    if (!std::is_sorted(hashes->begin(), hashes->end()))
      return meaningless("a list of deny conditions is not sorted");
  }
  APIM_CHECK_MEANING(check_aligned(*deny.outside()));
  for (const fbs::IpRange* range : *deny.outside()) APIM_CHECK_MEANING(check_range(*range));
  return check_ranges(*deny.addresses());
}

// ------------------------------------------------------------- consumers

Checked<void> check_application(const fbs::Application& application) {
  if (application.owner_hash() != layout::hash_bytes(application.owner()->string_view())) {
    return meaningless("its owner has a wrong hash");
  }
  uint32_t before = 0;
  for (const fbs::Subscription* subscription : *application.subscriptions()) {
    if (subscription->api() <= before) {
      return meaningless(fmt::format("the subscription to API {} is not sorted or stands twice",
                                     subscription->api()));
    }
    before = subscription->api();
    if (subscription->state() > fbs::SubscriptionState::MAX)
      return meaningless("a subscription in an unknown state");
  }
  return {};
}

Checked<void> check(const SegmentRef& ref, const fbs::Consumers& consumers) {
  APIM_CHECK_MEANING(check_ids(ref, *consumers.ids(), *consumers.applications()));
  for (const fbs::Application* application : *consumers.applications()) {
    if (auto checked = check_application(*application); !checked) {
      return meaningless(
          fmt::format("application {}: {}", application->id(), checked.error().reason));
    }
  }
  return {};
}

// ------------------------------------------------------------------ keys

Checked<void> check_key(const SegmentRef& ref, const fbs::KeyEntry& entry,
                        uint32_t restriction_count) {
  if (layout::shard_of_digest(entry.digest()->data(), ref.shard_bits) != ref.shard) {
    return meaningless("it belongs to another shard");
  }
  if (entry.restriction() > restriction_count) return meaningless("its restriction does not exist");
  if (entry.key_type() > fbs::KeyType::MAX) return meaningless("its type is not known");
  if (entry.kind() > fbs::CredentialKind::MAX) return meaningless("its kind is not known");
  return {};
}

Checked<void> check(const SegmentRef& ref, const fbs::Keys& keys) {
  const auto& entries = *keys.entries();
  APIM_CHECK_MEANING(check_aligned(entries));
  for (uint32_t i = 0; i < entries.size(); ++i) {
    if (auto checked = check_key(ref, *entries.Get(i), keys.restrictions()->size()); !checked) {
      return meaningless(fmt::format("key {}: {}", i, checked.error().reason));
    }
    if (i > 0 && std::memcmp(entries.Get(i - 1)->digest()->data(), entries.Get(i)->digest()->data(),
                             layout::kDigestBytes) >= 0) {
      return meaningless(fmt::format("key {} is not sorted or stands twice", i));
    }
  }
  for (const fbs::Restriction* restriction : *keys.restrictions()) {
    const bool has_addresses =
        restriction->addresses() != nullptr && restriction->addresses()->size() > 0;
    const bool has_referers =
        restriction->referers() != nullptr && restriction->referers()->size() > 0;
    if (!has_addresses && !has_referers) return meaningless("a restriction that names nothing");
    if (has_addresses) APIM_CHECK_MEANING(check_ranges(*restriction->addresses()));
  }
  return check_buckets(*keys.index(), entries.size(), [&](uint32_t i) {
    return layout::digest_bucket_hash(entries.Get(i)->digest()->data(), ref.shard_bits);
  });
}

template <class Root>
Checked<void> verify_as(const SegmentRef& ref, std::span<const uint8_t> file,
                        const char* file_identifier) {
  const auto payload = check_frame(file, ref.kind, 0);
  if (!payload) return std::unexpected(payload.error());
  const auto root = check_structure<Root>(*payload, file_identifier);
  if (!root) return std::unexpected(root.error());
  return check(ref, **root);
}

uint64_t seconds_of(fbs::TimeUnit unit) {
  switch (unit) {
    case fbs::TimeUnit::Second: return 1;
    case fbs::TimeUnit::Minute: return 60;
    case fbs::TimeUnit::Hour: return 3600;
    case fbs::TimeUnit::Day: return 86400;
    case fbs::TimeUnit::Week: return 604800;
    case fbs::TimeUnit::Month: return 31ULL * 86400;
    case fbs::TimeUnit::Year: return 366ULL * 86400;
  }
  return 0;
}

}  // namespace

Checked<void> verify_limit(const fbs::Limit& limit) {
  if (limit.count() == 0) return {};
  if (limit.unit() > fbs::TimeUnit::MAX) return meaningless("a time unit that is not known");
  if (limit.kind() > fbs::QuotaKind::MAX) return meaningless("a kind of quota that is not known");
  const uint64_t window_s = limit.unit_time() * seconds_of(limit.unit());
  if (window_s == 0 || window_s > kWindowSecondsMax)
    return meaningless("a window of no or of impossible length");
  return {};
}

Checked<void> verify_segment(const SegmentRef& ref, std::span<const uint8_t> file) {
  switch (ref.kind) {
    case layout::Kind::Routes: return verify_as<fbs::Routes>(ref, file, fbs::RoutesIdentifier());
    case layout::Kind::Apis: return verify_as<fbs::Apis>(ref, file, fbs::ApisIdentifier());
    case layout::Kind::Limits: return verify_as<fbs::Limits>(ref, file, fbs::LimitsIdentifier());
    case layout::Kind::Consumers:
      return verify_as<fbs::Consumers>(ref, file, fbs::ConsumersIdentifier());
    case layout::Kind::Keys: return verify_as<fbs::Keys>(ref, file, fbs::KeysIdentifier());
    default:
      return refuse(FaultCode::SnapshotUnknownVersion, "a kind of segment that is unknown here");
  }
}

}  // namespace apim::snapshot
