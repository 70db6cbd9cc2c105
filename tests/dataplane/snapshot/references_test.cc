// What the references' check promises: an id that leads nowhere, or to the wrong level, refuses the
// snapshot, also when only the other side of the reference changed.

#include "snapshot/references.h"

#include "support_hub.h"

namespace apim::snapshot {
namespace {

using test::full_world;
using test::load;
using test::publish;
using test::Published;
using test::World;

// `base` with the segment of one kind taken from `other`, signed as one snapshot.
Published mixed(const Published& base, const Published& other, layout::Kind kind, uint64_t epoch) {
  Published out = base;
  compile::Manifest manifest =
      *compile::read_manifest(base.manifest, test::signing_key().public_key);
  for (size_t i = 0; i < manifest.content.segments.size(); ++i) {
    if (manifest.content.segments[i].kind == kind)
      manifest.content.segments[i] = other.compiled.content.segments[i];
  }
  manifest.epoch = epoch;
  out.manifest = compile::write_manifest(manifest, test::signing_key());
  for (const auto& file : other.compiled.fresh) out.compiled.fresh.push_back(file);
  return out;
}

// Loads the full world with one segment of `other`, fresh and on top of the good image; both must
// agree.
std::string refusal_with(const World& other, layout::Kind kind) {
  const Published base = publish(full_world().catalog, 1);
  const Published published = mixed(base, publish(other.catalog, 1), kind, 2);
  const auto fresh = load(published);
  const auto on_top = load(published, *load(base));
  EXPECT_EQ(fresh.has_value(), on_top.has_value());
  if (fresh) return "";
  EXPECT_EQ(fresh.error().code, FaultCode::SnapshotMeaningless);
  EXPECT_EQ(fresh.error().reason, on_top.error().reason);
  return fresh.error().reason;
}

TEST(References, AGoodMixIsTaken) { EXPECT_EQ(refusal_with(full_world(), layout::Kind::Keys), ""); }

TEST(References, ARouteToAMissingApi) {
  World world = full_world();
  world.catalog.apis.erase(2);
  EXPECT_NE(refusal_with(world, layout::Kind::Apis).find("API 2"), std::string::npos);
}

TEST(References, AKeyOfAMissingApplication) {
  World world = full_world();
  world.catalog.applications.erase(3);
  world.catalog.keys.erase(3);
  world.catalog.subscriptions.erase(3);
  EXPECT_NE(refusal_with(world, layout::Kind::Consumers).find("application 3"), std::string::npos);
}

TEST(References, ATierThatIsMissing) {
  for (const uint32_t id : {1U, 2U, 3U}) {
    World world;
    for (const auto& [policy_id, policy] : full_world().catalog.policies) {
      if (policy_id != id) world.catalog.policies.emplace(policy_id, policy);
    }
    EXPECT_NE(refusal_with(world, layout::Kind::Limits).find("policy " + std::to_string(id)),
              std::string::npos)
        << id;
  }
}

TEST(References, ATierOfAnotherLevel) {
  World world = full_world();
  world.catalog.policies.at(1).level = model::PolicyLevel::Application;
  World only_policies;
  only_policies.catalog.policies = world.catalog.policies;
  EXPECT_NE(refusal_with(only_policies, layout::Kind::Limits).find("another level"),
            std::string::npos);
}

}  // namespace
}  // namespace apim::snapshot
