#include "compile/keys.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>

#include "compile/addresses.h"
#include "compile/check.h"
#include "compile/text.h"
#include "keys_generated.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;

std::string where_of(const model::ApiKey& key) {
  return fmt::format("key '{}' ({}) of application {}", key.name, key.uuid, key.application_uuid);
}

bool is_expired(const model::ApiKey& key, int64_t now_s) {
  return key.expires_s != 0 && key.expires_s <= now_s;
}

bool is_restricted(const model::ApiKey& key) {
  return !trimmed(key.permitted_ips).empty() || !trimmed(key.permitted_referers).empty();
}

// Addresses win over referers, as in WSO2.
struct Restricted {
  std::vector<AddressRange> addresses;
  std::vector<std::string> referers;
};

std::expected<Restricted, std::string> lower_restriction(const model::ApiKey& key) {
  Restricted out;
  for (const std::string& part : split_list(key.permitted_ips)) {
    const std::optional<AddressRange> range = parse_range(part);
    if (!range.has_value()) {
      return std::unexpected(
          fmt::format("its permitted IP '{}' is neither an address nor a CIDR range", part));
    }
    out.addresses.push_back(*range);
  }
  out.addresses = merged(std::move(out.addresses));
  if (out.addresses.empty()) out.referers = split_list(key.permitted_referers);
  if (is_restricted(key) && out.addresses.empty() && out.referers.empty()) {
    return std::unexpected("its list of permitted addresses or referers has no entry");
  }
  return out;
}

flatbuffers::Offset<fbs::Restriction> write_restriction(Builder& builder,
                                                        const Restricted& restricted) {
  if (!restricted.addresses.empty()) {
    std::vector<fbs::IpRange> ranges;
    for (const AddressRange& range : restricted.addresses) ranges.push_back(to_fbs(range));
    return fbs::CreateRestriction(builder, builder.CreateVectorOfStructs(ranges));
  }
  return fbs::CreateRestriction(builder, 0, builder.CreateVectorOfStrings(restricted.referers));
}

// Restrictions of one shard, each text written once.
class Restrictions {
 public:
  explicit Restrictions(Builder& builder) : builder_(builder) {}

  // Index + 1, 0 for none; nothing when it cannot be read.
  std::optional<uint32_t> place_of(const model::ApiKey& key, std::vector<Finding>& findings) {
    if (!is_restricted(key)) return 0;
    const auto [found, is_new] =
        places_.try_emplace({key.permitted_ips, key.permitted_referers}, 0U);
    if (!is_new) return found->second;
    const auto restricted = lower_restriction(key);
    if (!restricted.has_value()) {
      findings.push_back({where_of(key), restricted.error() + "; the key is left out"});
      places_.erase(found);
      return std::nullopt;
    }
    written_.push_back(write_restriction(builder_, *restricted));
    return found->second = static_cast<uint32_t>(written_.size());
  }

  const std::vector<flatbuffers::Offset<fbs::Restriction>>& written() const { return written_; }

 private:
  Builder& builder_;
  std::map<std::pair<std::string, std::string>, uint32_t> places_;
  std::vector<flatbuffers::Offset<fbs::Restriction>> written_;
};

fbs::KeyEntry entry_of(const model::ApiKey& key, uint32_t restriction) {
  return {flatbuffers::span<const uint8_t, 32>(key.digest.data(), key.digest.size()),
          static_cast<uint64_t>(std::max<int64_t>(key.expires_s, 0)),
          key.application_id,
          /*api=*/0,
          restriction,
          static_cast<fbs::KeyType>(key.type),
          fbs::CredentialKind::ApiKey};
}

bool comes_before(const model::ApiKey* a, const model::ApiKey* b) {
  const int order = std::memcmp(a->digest.data(), b->digest.data(), a->digest.size());
  return order != 0 ? order < 0 : a->application_id < b->application_id;
}

void drop_left_out(std::vector<const model::ApiKey*>& keys, int64_t now_s) {
  std::erase_if(keys, [&](const model::ApiKey* key) { return is_expired(*key, now_s); });
  std::ranges::sort(keys, &comes_before);
  const auto repeated = std::ranges::unique(
      keys, {}, [](const model::ApiKey* key) -> const auto& { return key->digest; });
  keys.erase(repeated.begin(), repeated.end());
}

void mix(crypto_generichash_state& state, std::string_view bytes) {
  const uint64_t size = bytes.size();
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(&size), sizeof size);
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

// Everything of a key that reaches the segment or a finding about it.
void mix(crypto_generichash_state& state, const model::ApiKey& key) {
  std::array<uint64_t, 2> numbers{static_cast<uint64_t>(key.expires_s),
                                  static_cast<uint64_t>(key.type)};
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(numbers.data()),
                            sizeof numbers);
  crypto_generichash_update(&state, key.digest.data(), key.digest.size());
  if (!is_restricted(key)) return;
  for (const std::string* text :
       {&key.permitted_ips, &key.permitted_referers, &key.name, &key.uuid, &key.application_uuid}) {
    mix(state, *text);
  }
}

const std::vector<model::ApiKey>& keys_of_application(const model::Catalog& catalog,
                                                      uint32_t application_id) {
  static const std::vector<model::ApiKey> kNone;
  // A key without its application opens nothing; it is not even listed.
  if (!catalog.applications.contains(application_id)) return kNone;
  const auto found = catalog.keys.find(application_id);
  return found == catalog.keys.end() ? kNone : found->second;
}

}  // namespace

std::vector<Finding> check_key(const model::ApiKey& key) {
  if (!is_restricted(key)) return {};
  const auto restricted = lower_restriction(key);
  if (restricted.has_value()) return {};
  return {{where_of(key), restricted.error()}};
}

std::string build_keys(std::vector<const model::ApiKey*> keys, uint8_t shard_bits, int64_t now_s,
                       std::vector<Finding>& findings) {
  drop_left_out(keys, now_s);
  Builder builder(keys.size() * sizeof(fbs::KeyEntry) + 4'096);
  Restrictions restrictions(builder);
  std::vector<fbs::KeyEntry> entries;
  entries.reserve(keys.size());
  for (const model::ApiKey* key : keys) {
    const std::optional<uint32_t> restriction = restrictions.place_of(*key, findings);
    if (restriction.has_value()) entries.push_back(entry_of(*key, *restriction));
  }
  const uint32_t buckets = layout::bucket_count_for(entries.size());
  std::vector<uint32_t> index(buckets + 1, 0);
  for (const fbs::KeyEntry& entry : entries) {
    const uint64_t hash = layout::digest_bucket_hash(entry.digest()->data(), shard_bits);
    ++index[layout::bucket_of(hash, buckets) + 1];
  }
  for (uint32_t b = 0; b < buckets; ++b) index[b + 1] += index[b];
  const auto restriction_list = builder.CreateVector(restrictions.written());
  const auto entry_list = builder.CreateVectorOfStructs(entries);
  const auto index_list = builder.CreateVector(index);
  fbs::FinishKeysBuffer(builder,
                        fbs::CreateKeys(builder, index_list, entry_list, restriction_list));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

size_t count_keys(const model::Catalog& catalog) {
  size_t count = 0;
  for (const auto& [id, keys] : catalog.keys) count += keys_of_application(catalog, id).size();
  return count;
}

// ---------------------------------------------------------------- the table

std::vector<KeyTable::Group> KeyTable::groups_of(const model::Catalog& catalog,
                                                 uint32_t application_id) const {
  std::vector<std::pair<uint32_t, const model::ApiKey*>> keys;
  for (const model::ApiKey& key : keys_of_application(catalog, application_id)) {
    keys.emplace_back(layout::shard_of_digest(key.digest.data(), shard_bits_), &key);
  }
  std::ranges::sort(keys, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : comes_before(a.second, b.second);
  });
  std::vector<Group> groups;
  for (size_t begin = 0; begin < keys.size();) {
    Group group{.shard = keys[begin].first};
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, group.fingerprint.size());
    while (begin < keys.size() && keys[begin].first == group.shard)
      mix(state, *keys[begin++].second);
    crypto_generichash_final(&state, group.fingerprint.data(), group.fingerprint.size());
    groups.push_back(group);
  }
  return groups;
}

void KeyTable::reset(const model::Catalog& catalog, uint8_t shard_bits) {
  assert(shard_bits < 32);
  shard_bits_ = shard_bits;
  held_.clear();
  count_ = 0;
  expiries_.clear();
  expiring_.clear();
  applications_.assign(size_t{1} << shard_bits, {});
  std::set<uint32_t> ignored;
  for (const auto& [id, keys] : catalog.keys) refresh(catalog, id, ignored);
}

void KeyTable::refresh(const model::Catalog& catalog, uint32_t application_id,
                       std::set<uint32_t>& shards) {
  Held& held = held_[application_id];
  const std::vector<Group> before = std::move(held.groups);
  std::vector<Group> after = groups_of(catalog, application_id);
  const auto holds = [](const std::vector<Group>& groups, const Group& wanted, bool same_content) {
    const auto found = std::ranges::lower_bound(groups, wanted.shard, {}, &Group::shard);
    return found != groups.end() && found->shard == wanted.shard &&
           (!same_content || found->fingerprint == wanted.fingerprint);
  };
  for (const Group& group : before) {
    if (!holds(after, group, true)) shards.insert(group.shard);
    if (!holds(after, group, false)) std::erase(applications_[group.shard], application_id);
  }
  for (const Group& group : after) {
    if (!holds(before, group, true)) shards.insert(group.shard);
    if (holds(before, group, false)) continue;
    std::vector<uint32_t>& list = applications_[group.shard];
    list.insert(std::ranges::lower_bound(list, application_id), application_id);
  }
  note_expiries(catalog, application_id);
  count_ -= held.key_count;
  held.key_count = keys_of_application(catalog, application_id).size();
  count_ += held.key_count;
  held.groups = std::move(after);
  if (held.key_count == 0) held_.erase(application_id);
}

void KeyTable::note_expiries(const model::Catalog& catalog, uint32_t application_id) {
  if (const auto found = expiring_.find(application_id); found != expiring_.end()) {
    for (const auto& [when, shard] : found->second) {
      const auto place = expiries_.find({when, shard});
      if (--place->second == 0) expiries_.erase(place);
    }
    expiring_.erase(found);
  }
  for (const model::ApiKey& key : keys_of_application(catalog, application_id)) {
    if (key.expires_s == 0) continue;
    const uint32_t shard = layout::shard_of_digest(key.digest.data(), shard_bits_);
    ++expiries_[{key.expires_s, shard}];
    expiring_[application_id].emplace_back(key.expires_s, shard);
  }
}

void KeyTable::expired(int64_t then_s, int64_t now_s, std::set<uint32_t>& shards) const {
  const auto [first, last] = std::minmax(then_s, now_s);
  for (auto at = expiries_.upper_bound({first, UINT32_MAX});
       at != expiries_.end() && at->first.first <= last; ++at) {
    shards.insert(at->first.second);
  }
}

std::vector<const model::ApiKey*> KeyTable::keys_of(const model::Catalog& catalog,
                                                    uint32_t shard) const {
  std::vector<const model::ApiKey*> out;
  for (const uint32_t application_id : applications_[shard]) {
    for (const model::ApiKey& key : keys_of_application(catalog, application_id)) {
      if (layout::shard_of_digest(key.digest.data(), shard_bits_) == shard) out.push_back(&key);
    }
  }
  return out;
}

std::vector<std::vector<const model::ApiKey*>> KeyTable::by_shard(
    const model::Catalog& catalog) const {
  std::vector<std::vector<const model::ApiKey*>> out(applications_.size());
  for (const auto& [id, keys] : catalog.keys) {
    for (const model::ApiKey& key : keys_of_application(catalog, id)) {
      out[layout::shard_of_digest(key.digest.data(), shard_bits_)].push_back(&key);
    }
  }
  return out;
}

}  // namespace apim::compile
