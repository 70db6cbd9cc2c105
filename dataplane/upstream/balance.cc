#include "upstream/balance.h"

#include <algorithm>
#include <cassert>

#include "schemas/layout.h"

namespace apim::upstream {
namespace {

constexpr uint32_t kTriedMax =
    64;  // Bits of Tried; endpoints past it are tried once at most by the caller's bound.

uint64_t key_of(const fbs::Api& api, const fbs::Endpoint& endpoint) {
  return layout::hash_join(layout::hash_join(layout::kHashSeed, api.id()), endpoint.key());
}

bool contains(const flatbuffers::Vector<uint32_t>* codes, uint32_t code) {
  return codes != nullptr && std::find(codes->begin(), codes->end(), code) != codes->end();
}

bool was_tried(Balance::Tried tried, uint32_t position) {
  return position >= kTriedMax ? tried != 0 : (tried >> position & 1) != 0;
}

}  // namespace

Balance::Trouble* Balance::trouble_of(uint64_t key) {
  for (Trouble& trouble : troubles_) {
    if (trouble.key == key) return &trouble;
  }
  return nullptr;
}

bool Balance::is_ready(const fbs::Api& api, const fbs::Endpoint& endpoint, uint64_t now_ms) const {
  if (troubles_.empty()) return true;
  const uint64_t key = key_of(api, endpoint);
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
    if (is_ready(api, *endpoints.Get(position), now_ms))
      return Choice{endpoints.Get(position), position};
  }
  if (group.balance() == fbs::Balance::Single) {
    return std::unexpected(fault(FaultCode::BackendSuspended, "the endpoint is suspended"));
  }
  return std::unexpected(
      fault(FaultCode::NoBackendReady, "every endpoint of the group is suspended or failed"));
}

void Balance::on_failure(const fbs::Api& api, const fbs::Endpoint& endpoint, uint32_t code,
                         uint64_t now_ms) {
  const bool is_retry = contains(endpoint.retry_codes(), code);
  const auto* suspend_codes = endpoint.suspend_codes();
  const bool suspends_any = suspend_codes == nullptr || suspend_codes->size() == 0;
  const bool is_suspend =
      !is_retry && endpoint.suspend_ms() > 0 && (suspends_any || contains(suspend_codes, code));
  if (!is_retry && !is_suspend) return;
  const uint64_t key = key_of(api, endpoint);
  Trouble* trouble = trouble_of(key);
  if (trouble == nullptr) {
    if (troubles_.size() >= kTroublesMax) return;
    troubles_.push_back({.key = key});
    trouble = &troubles_.back();
  }
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
  uint64_t length_ms =
      trouble.suspension_ms == 0 ? endpoint.suspend_ms() : static_cast<uint64_t>(grown);
  if (endpoint.suspend_max_ms() > 0)
    length_ms = std::min<uint64_t>(length_ms, endpoint.suspend_max_ms());
  trouble.suspension_ms = length_ms;
  trouble.rests_until_ms = now_ms + length_ms;
  trouble.failure_count = 0;
}

void Balance::forget(const fbs::Api& api, const fbs::Endpoint& endpoint) {
  const uint64_t key = key_of(api, endpoint);
  std::erase_if(troubles_, [key](const Trouble& trouble) { return trouble.key == key; });
}

}  // namespace apim::upstream
