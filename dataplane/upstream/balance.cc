#include "upstream/balance.h"

#include <algorithm>
#include <cassert>

#include "schemas/layout.h"

namespace apim::upstream {
namespace {

constexpr uint32_t kTriedMax =
    64;  // Bits of Tried; endpoints past it are tried once at most by the caller's bound.

// Bounds what a large factor makes of a suspension.
constexpr double kSuspensionMsMax = 24.0 * 3600 * 1000;

bool contains(const flatbuffers::Vector<uint32_t>* codes, uint32_t code) {
  return codes != nullptr && std::find(codes->begin(), codes->end(), code) != codes->end();
}

bool was_tried(Balance::Tried tried, uint32_t position) {
  return position >= kTriedMax ? tried != 0 : (tried >> position & 1) != 0;
}

}  // namespace

uint64_t Balance::key_of(const Site& site) {
  const uint64_t kind = &site.group == site.api.sandbox() ? 1 : 0;
  const auto* path = site.endpoint.path();
  const std::string_view path_text =
      path == nullptr ? std::string_view() : std::string_view(path->c_str(), path->size());
  const uint64_t owner =
      layout::hash_join(layout::hash_join(layout::kHashSeed, site.api.id()), kind);
  return layout::hash_bytes(path_text, layout::hash_join(owner, site.endpoint.key()));
}

Balance::Trouble* Balance::trouble_of(uint64_t key) {
  for (Trouble& trouble : troubles_) {
    if (trouble.key == key) return &trouble;
  }
  return nullptr;
}

bool Balance::is_ready(const Site& site, uint64_t now_ms) const {
  if (troubles_.empty()) return true;
  const uint64_t key = key_of(site);
  for (const Trouble& trouble : troubles_) {
    if (trouble.key == key) return now_ms >= trouble.rests_until_ms;
  }
  return true;
}

Result<Balance::Choice> Balance::choose(const fbs::Api& api, const fbs::EndpointGroup& group,
                                        Tried tried, uint64_t now_ms) {
  const auto& endpoints = *group.endpoints();
  const uint32_t count = endpoints.size();
  assert(count > 0);
  uint32_t first = 0;
  if (group.balance() == fbs::Balance::RoundRobin && count > 1) {
    const uint64_t seat = layout::hash_join(api.id(), endpoints.Get(0)->key()) % turns_.size();
    first = turns_[seat] % count;
    turns_[seat] = first + 1;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t position = (first + i) % count;
    if (was_tried(tried, position)) continue;
    if (is_ready({api, group, *endpoints.Get(position)}, now_ms))
      return Choice{endpoints.Get(position), position};
  }
  if (group.balance() == fbs::Balance::Single) {
    return std::unexpected(fault(FaultCode::BackendSuspended, "the endpoint is suspended"));
  }
  return std::unexpected(
      fault(FaultCode::NoBackendReady, "every endpoint of the group is suspended or failed"));
}

void Balance::on_failure(const Site& site, uint32_t code, uint64_t now_ms) {
  const fbs::Endpoint& endpoint = site.endpoint;
  const bool is_retry = contains(endpoint.retry_codes(), code);
  const auto* suspend_codes = endpoint.suspend_codes();
  const bool suspends_any = suspend_codes == nullptr || suspend_codes->size() == 0;
  const bool is_suspend =
      !is_retry && endpoint.suspend_ms() > 0 && (suspends_any || contains(suspend_codes, code));
  if (!is_retry && !is_suspend) return;
  const uint64_t key = key_of(site);
  Trouble* trouble = trouble_of(key);
  if (trouble == nullptr) {
    if (!make_room(now_ms)) return;
    troubles_.push_back({.key = key});
    trouble = &troubles_.back();
  }
  // Requests that were under way when it was suspended prove nothing new.
  const bool is_suspended = trouble->suspension_ms > 0 && trouble->failure_count == 0;
  if (is_suspended && now_ms < trouble->rests_until_ms) return;
  ++trouble->failure_count;
  if (is_suspend ||
      (endpoint.suspend_ms() > 0 && trouble->failure_count > endpoint.retry_count())) {
    return suspend(endpoint, *trouble, now_ms);
  }
  trouble->rests_until_ms = now_ms + endpoint.retry_delay_ms();
}

void Balance::suspend(const fbs::Endpoint& endpoint, Trouble& trouble, uint64_t now_ms) {
  const double grown =
      static_cast<double>(trouble.suspension_ms) * static_cast<double>(endpoint.suspend_factor());
  // Not a number is 1 as well.
  const double bounded = grown >= 1.0 ? std::min(grown, kSuspensionMsMax) : 1.0;
  uint64_t length_ms =
      trouble.suspension_ms == 0 ? endpoint.suspend_ms() : static_cast<uint64_t>(bounded);
  if (endpoint.suspend_max_ms() > 0)
    length_ms = std::min<uint64_t>(length_ms, endpoint.suspend_max_ms());
  trouble.suspension_ms = length_ms;
  trouble.rests_until_ms = now_ms + length_ms;
  trouble.failure_count = 0;
}

bool Balance::make_room(uint64_t now_ms) {
  if (troubles_.size() < kTroublesMax) return true;
  std::erase_if(troubles_, [now_ms](const Trouble& trouble) {
    return now_ms > trouble.rests_until_ms + kRestedMs;
  });
  return troubles_.size() < kTroublesMax;
}

void Balance::forget(const Site& site) {
  const uint64_t key = key_of(site);
  std::erase_if(troubles_, [key](const Trouble& trouble) { return trouble.key == key; });
}

}  // namespace apim::upstream
