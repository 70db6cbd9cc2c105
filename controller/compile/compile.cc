#include "compile/compile.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <map>
#include <set>
#include <utility>

#include "compile/apis.h"
#include "compile/consumers.h"
#include "compile/keys.h"
#include "compile/limits.h"
#include "compile/routes.h"

namespace apim::compile {
namespace {

using layout::Kind;

constexpr size_t kApisPerShard = 32;
constexpr size_t kApplicationsPerShard = 512;
constexpr size_t kKeysPerShard = 4'096;
constexpr uint8_t kShardBitsMax = 16;

// The smallest number of shards that keeps the average at or below `per_shard`.
uint8_t bits_for(size_t count, size_t per_shard) {
  const size_t shards = std::bit_ceil((count + per_shard - 1) / per_shard);
  return std::min(static_cast<uint8_t>(std::countr_zero(std::max<size_t>(shards, 1))),
                  kShardBitsMax);
}

// Calls `visit(id, value)` for the ids of a shard, ascending. Steps over ids while they are dense.
template <class Map, class Visit>
void each_in_shard(const Map& map, uint32_t shard, uint8_t bits, Visit visit) {
  if (map.empty()) return;
  const uint32_t id_max = map.rbegin()->first;
  if ((id_max >> bits) > map.size()) {
    for (const auto& [id, value] : map) {
      if (layout::shard_of_id(id, bits) == shard) visit(id, value);
    }
    return;
  }
  for (uint64_t id = shard; id <= id_max; id += uint64_t{1} << bits) {
    const auto found = map.find(static_cast<uint32_t>(id));
    if (found != map.end()) visit(found->first, found->second);
  }
}

// What changed, as ids to look at again.
struct Touched {
  std::set<uint32_t> apis{};
  std::set<uint32_t> applications{};
  bool policies = false;
  bool denies = false;
};

Touched touched_by(std::span<const model::Change> changes) {
  Touched touched;
  for (const model::Change& change : changes) {
    switch (change.kind) {
      case model::Change::Kind::Api: touched.apis.insert(change.id); break;
      case model::Change::Kind::Application: touched.applications.insert(change.id); break;
      case model::Change::Kind::Policy: touched.policies = true; break;
      case model::Change::Kind::Deny: touched.denies = true; break;
      case model::Change::Kind::Everything: assert(false); break;
    }
  }
  return touched;
}

bool refers(const model::Api& api, const PolicyName& name) {
  if (name.level != model::PolicyLevel::Advanced || name.tenant != api.tenant) return false;
  return api.throttling_policy == name.name ||
         std::ranges::any_of(api.operations, [&](const model::Operation& operation) {
           return operation.throttling_policy == name.name;
         });
}

bool refers(const model::Application& application,
            const std::vector<model::Subscription>* subscriptions_or_null, const PolicyName& name) {
  if (name.tenant != application.tenant) return false;
  if (name.level == model::PolicyLevel::Application) {
    return application.throttling_policy == name.name;
  }
  return name.level == model::PolicyLevel::Subscription && subscriptions_or_null != nullptr &&
         std::ranges::any_of(*subscriptions_or_null, [&](const model::Subscription& subscription) {
           return subscription.throttling_policy == name.name;
         });
}

template <class Map>
const typename Map::mapped_type* find_or_null(const Map& map, uint32_t id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

// What is remembered between two compilations: digests and findings, never the segments' bytes.
class Compiler::State {
 public:
  Compiled all(const model::Catalog& catalog, const Options& options) {
    begin(catalog, options);
    policies_ = PolicyIndex(catalog.policies);
    Touched touched{.policies = true, .denies = true};
    for (const auto& [id, api] : catalog.apis) touched.apis.insert(id);
    for (const auto& [id, application] : catalog.applications) touched.applications.insert(id);
    apis_.clear();
    losers_.clear();
    contexts_changed_ = true;
    reshard_all();
    keys_.reset(catalog, bits_[Kind::Keys]);
    for (uint32_t shard = 0; shard < shard_count(Kind::Keys); ++shard) key_shards_.insert(shard);
    return finish(touched);
  }

  Compiled changes(const model::Catalog& catalog, std::span<const model::Change> changes,
                   const Options& options) {
    const bool is_everything = std::ranges::any_of(changes, [](const model::Change& change) {
      return change.kind == model::Change::Kind::Everything;
    });
    if (refs_.empty() || is_everything || options.allow_metadata != options_.allow_metadata) {
      return all(catalog, options);
    }
    const int64_t then_s = options_.now_s;
    begin(catalog, options);
    Touched touched = touched_by(changes);
    if (touched.policies) follow_policies(touched);
    for (const uint32_t id : touched.applications) keys_.refresh(catalog, id, key_shards_);
    reshard_where_needed();
    keys_.expired(then_s, options.now_s, key_shards_);
    return finish(touched);
  }

 private:
  struct ApiState {
    std::string name{};
    std::vector<Claim> claims{};
    std::vector<Finding> findings{};  // Its own; losing a context to another API is in losers_.

    bool claims_as(const ApiState& other) const {
      return name == other.name && claims == other.claims &&
             findings.empty() == other.findings.empty();
    }
  };

  void begin(const model::Catalog& catalog, const Options& options) {
    catalog_ = &catalog;
    options_ = options;
    fresh_.clear();
    api_shards_.clear();
    consumer_shards_.clear();
    key_shards_.clear();
  }

  uint32_t shard_count(Kind kind) { return 1U << bits_[kind]; }

  // ---- shards

  std::map<Kind, uint8_t> wanted_bits(size_t key_count) const {
    return {{Kind::Routes, 0},
            {Kind::Apis, bits_for(catalog_->apis.size(), kApisPerShard)},
            {Kind::Limits, 0},
            {Kind::Consumers, bits_for(catalog_->applications.size(), kApplicationsPerShard)},
            {Kind::Keys, bits_for(key_count, kKeysPerShard)}};
  }

  void reshard_all() {
    bits_ = wanted_bits(count_keys(*catalog_));
    refs_.clear();
    consumer_findings_.clear();
    key_findings_.clear();
  }

  // A kind whose shard count changed is compiled anew as a whole.
  void reshard_where_needed() {
    const std::map<Kind, uint8_t> wanted = wanted_bits(keys_.count());
    for (const auto& [kind, bits] : wanted) {
      if (bits_[kind] == bits) continue;
      bits_[kind] = bits;
      std::erase_if(refs_, [&](const auto& entry) { return entry.first.first == kind; });
      shards_of(kind).clear();
      for (uint32_t shard = 0; shard < (1U << bits); ++shard) shards_of(kind).insert(shard);
      if (kind == Kind::Consumers) consumer_findings_.clear();
      if (kind != Kind::Keys) continue;
      key_findings_.clear();
      keys_.reset(*catalog_, bits);
    }
  }

  std::set<uint32_t>& shards_of(Kind kind) {
    if (kind == Kind::Apis) return api_shards_;
    if (kind == Kind::Consumers) return consumer_shards_;
    assert(kind == Kind::Keys);
    return key_shards_;
  }

  // ---- what a changed policy means for those who refer to it

  void follow_policies(Touched& touched) {
    PolicyIndex now(catalog_->policies);
    const std::vector<PolicyName> names = policies_.differing(now);
    policies_ = std::move(now);
    for (const PolicyName& name : names) {
      for (const auto& [id, deployed] : catalog_->apis) {
        if (refers(deployed.api, name)) touched.apis.insert(id);
      }
      for (const auto& [id, application] : catalog_->applications) {
        if (refers(application, find_or_null(catalog_->subscriptions, id), name)) {
          touched.applications.insert(id);
        }
      }
    }
  }

  // ---- APIs and routes

  void look_at(uint32_t api_id) {
    api_shards_.insert(layout::shard_of_id(api_id, bits_[Kind::Apis]));
    const auto found = catalog_->apis.find(api_id);
    if (found == catalog_->apis.end()) {
      contexts_changed_ = apis_.erase(api_id) > 0 || contexts_changed_;
      return;
    }
    ApiState state{.name = name_of(found->second.api)};
    state.claims = lower_claims(found->second, state.findings);
    const auto lowered = lower_api(found->second, policies_, options_);
    if (!lowered.has_value()) {
      state.findings.insert(state.findings.end(), lowered.error().begin(), lowered.error().end());
    }
    const auto [known, is_new] = apis_.try_emplace(api_id);
    contexts_changed_ = contexts_changed_ || is_new || !known->second.claims_as(state);
    known->second = std::move(state);
  }

  // Settles who owns which context; an API that won or lost one thereby is compiled again.
  void settle_contexts() {
    std::map<uint32_t, Claimant> claimants;
    for (const auto& [id, state] : apis_) {
      if (state.findings.empty()) claimants.emplace(id, Claimant{&state.name, &state.claims});
    }
    std::map<uint32_t, std::vector<Finding>> losers = conflicts(claimants);
    const auto touch_differing = [&](const auto& some, const auto& others) {
      for (const auto& [id, findings] : some) {
        if (!others.contains(id)) api_shards_.insert(layout::shard_of_id(id, bits_[Kind::Apis]));
      }
    };
    touch_differing(losers, losers_);
    touch_differing(losers_, losers);
    losers_ = std::move(losers);
    for (const auto& [id, findings] : losers_) claimants.erase(id);
    put(Kind::Routes, 0, build_routes(claimants));
    contexts_changed_ = false;
  }

  bool is_served(uint32_t api_id) const {
    const ApiState* state = find_or_null(apis_, api_id);
    return state != nullptr && state->findings.empty() && !losers_.contains(api_id);
  }

  void build_api_shard(uint32_t shard) {
    std::vector<LoweredApi> lowered;
    each_in_shard(catalog_->apis, shard, bits_[Kind::Apis],
                  [&](uint32_t id, const model::DeployedApi& deployed) {
                    if (!is_served(id)) return;
                    auto api = lower_api(deployed, policies_, options_);
                    assert(api.has_value());
                    lowered.push_back(std::move(*api));
                  });
    put(Kind::Apis, shard, build_apis(lowered));
  }

  // ---- consumers and keys

  void build_consumer_shard(uint32_t shard) {
    static const std::vector<model::Subscription> kNone;
    std::vector<LoweredApplication> lowered;
    std::vector<Finding> findings;
    each_in_shard(catalog_->applications, shard, bits_[Kind::Consumers],
                  [&](uint32_t id, const model::Application& application) {
                    const auto* list = find_or_null(catalog_->subscriptions, id);
                    lowered.push_back(
                        lower_application(application, list ? *list : kNone, policies_, findings));
                  });
    put(Kind::Consumers, shard, build_consumers(lowered));
    remember(consumer_findings_, shard, std::move(findings));
  }

  void build_key_shard(uint32_t shard, std::vector<const model::ApiKey*> keys) {
    std::vector<Finding> findings;
    put(Kind::Keys, shard,
        build_keys(std::move(keys), bits_[Kind::Keys], options_.now_s, findings));
    remember(key_findings_, shard, std::move(findings));
  }

  void build_key_shards() {
    if (key_shards_.size() < shard_count(Kind::Keys)) {
      for (const uint32_t shard : key_shards_) {
        build_key_shard(shard, keys_.keys_of(*catalog_, shard));
      }
      return;
    }
    auto keys = keys_.by_shard(*catalog_);
    for (uint32_t shard = 0; shard < keys.size(); ++shard) {
      build_key_shard(shard, std::move(keys[shard]));
    }
  }

  static void remember(std::map<uint32_t, std::vector<Finding>>& all, uint32_t shard,
                       std::vector<Finding> findings) {
    if (findings.empty()) {
      all.erase(shard);
    } else {
      all[shard] = std::move(findings);
    }
  }

  // ---- the result

  // Keeps the digest; the bytes go out only when they are new.
  void put(Kind kind, uint32_t shard, const std::string& payload) {
    SegmentFile file = make_segment(kind, shard, payload);
    SegmentRef& known = refs_[{kind, shard}];
    if (known.bytes != 0 && known.digest == file.ref.digest) return;
    known = file.ref;
    fresh_.push_back(std::move(file));
  }

  Compiled finish(const Touched& touched) {
    for (const uint32_t id : touched.apis) look_at(id);
    for (const uint32_t id : touched.applications) {
      consumer_shards_.insert(layout::shard_of_id(id, bits_[Kind::Consumers]));
    }
    if (contexts_changed_) settle_contexts();
    if (touched.policies || touched.denies) {
      deny_findings_.clear();
      put(Kind::Limits, 0, build_limits(catalog_->policies, catalog_->denies, deny_findings_));
    }
    add_missing(Kind::Apis, api_shards_);
    add_missing(Kind::Consumers, consumer_shards_);
    for (const uint32_t shard : api_shards_) build_api_shard(shard);
    for (const uint32_t shard : consumer_shards_) build_consumer_shard(shard);
    build_key_shards();
    return result();
  }

  // Shards without any content exist too: a manifest names every one.
  void add_missing(Kind kind, std::set<uint32_t>& shards) {
    for (uint32_t shard = 0; shard < shard_count(kind); ++shard) {
      if (!refs_.contains({kind, shard})) shards.insert(shard);
    }
  }

  Compiled result() {
    Compiled compiled;
    for (const auto& [place, ref] : refs_) compiled.content.segments.push_back(ref);
    for (const auto& [kind, bits] : bits_) compiled.content.shard_bits.push_back({kind, bits});
    compiled.fresh = std::move(fresh_);
    fresh_ = {};
    for (const auto& [id, state] : apis_) {
      const auto lost = losers_.find(id);
      if (!state.findings.empty()) {
        compiled.report.quarantined.push_back({id, state.name, state.findings});
      } else if (lost != losers_.end()) {
        compiled.report.quarantined.push_back({id, state.name, lost->second});
      }
    }
    std::vector<Finding>& findings = compiled.report.findings;
    for (const auto* by_shard : {&consumer_findings_, &key_findings_}) {
      for (const auto& [shard, list] : *by_shard) {
        findings.insert(findings.end(), list.begin(), list.end());
      }
    }
    findings.insert(findings.end(), deny_findings_.begin(), deny_findings_.end());
    catalog_ = nullptr;
    return compiled;
  }

  const model::Catalog* catalog_ = nullptr;  // Only while compiling.
  Options options_;
  PolicyIndex policies_;
  std::map<Kind, uint8_t> bits_;
  std::map<std::pair<Kind, uint32_t>, SegmentRef> refs_;
  std::map<uint32_t, ApiState> apis_;
  std::map<uint32_t, std::vector<Finding>> losers_;
  KeyTable keys_;
  std::map<uint32_t, std::vector<Finding>> consumer_findings_;  // By shard.
  std::map<uint32_t, std::vector<Finding>> key_findings_;       // By shard.
  std::vector<Finding> deny_findings_;
  std::set<uint32_t> api_shards_;
  std::set<uint32_t> consumer_shards_;
  std::set<uint32_t> key_shards_;
  std::vector<SegmentFile> fresh_;
  bool contexts_changed_ = true;
};

Compiler::Compiler() : state_(std::make_unique<State>()) {}
Compiler::~Compiler() = default;
Compiler::Compiler(Compiler&&) noexcept = default;
Compiler& Compiler::operator=(Compiler&&) noexcept = default;

Compiled Compiler::all(const model::Catalog& catalog, const Options& options) {
  return state_->all(catalog, options);
}

Compiled Compiler::changes(const model::Catalog& catalog, std::span<const model::Change> changes,
                           const Options& options) {
  return state_->changes(catalog, changes, options);
}

Compiled compile(const model::Catalog& catalog, const Options& options) {
  return Compiler().all(catalog, options);
}

}  // namespace apim::compile
