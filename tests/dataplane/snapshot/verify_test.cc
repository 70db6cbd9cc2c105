// What the meaning's check promises: each rule on its own, broken in place in a segment the
// compiler made.

#include "snapshot/verify.h"

#include "consumers_generated.h"
#include "keys_generated.h"
#include "limits_generated.h"
#include "routes_generated.h"
#include "support_hub.h"

namespace apim::snapshot {
namespace {

using test::to_bytes;

// Applies `change` to the mutable root of the segment of that kind and returns the refusal, "" when
// there is none.
template <class Root, class Change>
std::string refusal(layout::Kind kind, Change change) {
  static const std::vector<compile::SegmentFile> kFiles =
      test::publish(test::full_world().catalog, 1).compiled.fresh;
  for (const compile::SegmentFile& file : kFiles) {
    if (file.ref.kind != kind) continue;
    std::string payload = file.bytes.substr(sizeof(layout::Header));
    change(*flatbuffers::GetMutableRoot<Root>(payload.data()));
    const compile::SegmentFile made = compile::make_segment(kind, 0, payload);
    const SegmentRef ref{.kind = kind,
                         .shard = 0,
                         .shard_bits = 0,
                         .bytes = made.ref.bytes,
                         .digest = made.ref.digest};
    const auto checked = verify_segment(ref, to_bytes(made.bytes).view());
    return checked ? "" : checked.error().reason;
  }
  return "no such segment";
}

template <class Change>
std::string routes(Change change) {
  return refusal<fbs::Routes>(layout::Kind::Routes, [&](fbs::Routes& root) {
    change(*root.mutable_vhosts()->GetMutableObject(0));
  });
}
template <class Change>
std::string limits(Change change) {
  return refusal<fbs::Limits>(layout::Kind::Limits, change);
}
template <class Change>
std::string consumers(Change change) {
  return refusal<fbs::Consumers>(layout::Kind::Consumers, change);
}
template <class Change>
std::string keys(Change change) {
  return refusal<fbs::Keys>(layout::Kind::Keys, change);
}

fbs::RouteEntry& entry(fbs::Vhost& vhost, uint32_t i) {
  return *const_cast<fbs::RouteEntry*>(vhost.mutable_entries()->Get(i));
}
fbs::KeyEntry& key(fbs::Keys& keys, uint32_t i) {
  return *const_cast<fbs::KeyEntry*>(keys.mutable_entries()->Get(i));
}

TEST(Verify, WhatTheCompilerMadeIsGood) {
  EXPECT_EQ(routes([](fbs::Vhost&) {}), "");
  EXPECT_EQ(limits([](fbs::Limits&) {}), "");
  EXPECT_EQ(consumers([](fbs::Consumers&) {}), "");
  EXPECT_EQ(keys([](fbs::Keys&) {}), "");
}

TEST(Verify, Routes) {
  EXPECT_NE(routes([](fbs::Vhost& v) { entry(v, 0).mutate_hash(entry(v, 0).hash() + 1); }), "");
  EXPECT_NE(routes([](fbs::Vhost& v) { entry(v, 0).mutate_text_offset(1'000'000); }), "");
  EXPECT_NE(routes([](fbs::Vhost& v) { entry(v, 0).mutate_text_length(60'000); }), "");
  EXPECT_NE(routes([](fbs::Vhost& v) { entry(v, 0).mutate_depth(1); }), "");
  EXPECT_NE(routes([](fbs::Vhost& v) { v.mutate_depth_mask(0); }), "");
  EXPECT_NE(routes([](fbs::Vhost& v) { std::swap(entry(v, 0), entry(v, 2)); }), "");
  EXPECT_NE(routes([](fbs::Vhost& v) { entry(v, 1) = entry(v, 0); }), "")
      << "the same context twice";
  EXPECT_NE(routes([](fbs::Vhost& v) { v.mutable_index()->Mutate(0, 1); }), "");
  EXPECT_NE(routes([](fbs::Vhost& v) { v.mutable_index()->Mutate(v.index()->size() - 1, 99); }),
            "");
  EXPECT_NE(routes([](fbs::Vhost& v) { v.mutable_texts()->Mutate(0, 'x'); }), "");
  EXPECT_NE(routes([](fbs::Vhost& v) { v.mutable_host()->Mutate(0, 'L'); }), "");
}

TEST(Verify, TheRootContextIsOneSlashOfDepthNone) {
  test::World world;
  model::Api& api = world.add_api(1, "root", {test::operation(model::Verb::Get, "/menu")});
  api.context = "/1.0.0";
  api.context_template = "/{version}";
  api.is_default_version = true;
  const auto refusal_of = [&](uint8_t depth, std::string_view text) {
    for (const compile::SegmentFile& file : test::publish(world.catalog, 1).compiled.fresh) {
      if (file.ref.kind != layout::Kind::Routes) continue;
      std::string payload = file.bytes.substr(sizeof(layout::Header));
      fbs::Vhost& vhost = *flatbuffers::GetMutableRoot<fbs::Routes>(payload.data())
                               ->mutable_vhosts()
                               ->GetMutableObject(0);
      uint32_t i = 0;
      while (i < vhost.entries()->size() && vhost.entries()->Get(i)->depth() != 0) ++i;
      if (i == vhost.entries()->size()) return std::string("no root");
      entry(vhost, i).mutate_depth(depth);
      entry(vhost, i).mutate_text_length(static_cast<uint16_t>(text.size()));
      entry(vhost, i).mutate_hash(layout::hash_bytes(text));
      const compile::SegmentFile made = compile::make_segment(layout::Kind::Routes, 0, payload);
      const SegmentRef ref{.kind = layout::Kind::Routes,
                           .shard = 0,
                           .shard_bits = 0,
                           .bytes = made.ref.bytes,
                           .digest = made.ref.digest};
      const auto checked = verify_segment(ref, to_bytes(made.bytes).view());
      return checked ? std::string() : checked.error().reason;
    }
    return std::string("no routes");
  };
  EXPECT_EQ(refusal_of(0, "/"), "");
  EXPECT_NE(refusal_of(1, "/"), "");
  EXPECT_NE(refusal_of(0, ""), "") << "the empty text is no context";
}

TEST(Verify, Limits) {
  const auto policy = [](fbs::Limits& l, uint32_t i) {
    return l.mutable_policies()->GetMutableObject(i);
  };
  EXPECT_NE(limits([&](fbs::Limits& l) { policy(l, 1)->mutate_id(1); }), "")
      << "the same policy twice";
  EXPECT_NE(limits([&](fbs::Limits& l) { policy(l, 0)->mutate_id(0); }), "");
  EXPECT_NE(
      limits([&](fbs::Limits& l) { policy(l, 0)->mutate_level(static_cast<fbs::PolicyLevel>(9)); }),
      "");
  EXPECT_NE(limits([&](fbs::Limits& l) {
              policy(l, 0)->mutable_limit()->mutate_unit(static_cast<fbs::TimeUnit>(9));
            }),
            "");
  EXPECT_NE(limits([&](fbs::Limits& l) { policy(l, 0)->mutable_limit()->mutate_unit_time(0); }),
            "");
  EXPECT_NE(
      limits([&](fbs::Limits& l) { policy(l, 0)->mutable_limit()->mutate_unit_time(UINT32_MAX); }),
      "");
  EXPECT_NE(limits([&](fbs::Limits& l) {
              policy(l, 1)->mutable_burst()->mutate_kind(static_cast<fbs::QuotaKind>(9));
            }),
            "");
  EXPECT_NE(limits([](fbs::Limits& l) { l.mutable_deny()->mutable_apis()->Mutate(0, UINT64_MAX); }),
            "")
      << "not sorted";
  EXPECT_NE(limits([](fbs::Limits& l) {
              auto& ranges = *l.mutable_deny()->mutable_addresses();
              const_cast<fbs::IpRange*>(ranges.Get(0))->mutate_last_low(UINT64_MAX);
            }),
            "")
      << "overlapping";
  EXPECT_NE(limits([](fbs::Limits& l) {
              auto& ranges = *l.mutable_deny()->mutable_addresses();
              const_cast<fbs::IpRange*>(ranges.Get(1))->mutate_last_low(0);
            }),
            "")
      << "ends before it begins";
}

TEST(Verify, Consumers) {
  const auto application = [](fbs::Consumers& c, uint32_t i) {
    return c.mutable_applications()->GetMutableObject(i);
  };
  EXPECT_NE(consumers([](fbs::Consumers& c) { c.mutable_ids()->Mutate(1, 1); }), "");
  EXPECT_NE(consumers([&](fbs::Consumers& c) { application(c, 1)->mutate_id(1); }), "");
  EXPECT_NE(consumers([&](fbs::Consumers& c) {
              c.mutable_ids()->Mutate(1, 1);
              application(c, 1)->mutate_id(1);
            }),
            "")
      << "the same application twice";
  EXPECT_NE(consumers([&](fbs::Consumers& c) { application(c, 0)->mutate_owner_hash(1); }), "");
  const auto subscription = [&](fbs::Consumers& c, uint32_t i) {
    return const_cast<fbs::Subscription*>(application(c, 0)->mutable_subscriptions()->Get(i));
  };
  EXPECT_NE(consumers([&](fbs::Consumers& c) { subscription(c, 1)->mutate_api(1); }), "")
      << "the same API twice";
  EXPECT_NE(consumers([&](fbs::Consumers& c) { subscription(c, 0)->mutate_api(9); }), "")
      << "not sorted";
  EXPECT_NE(consumers([&](fbs::Consumers& c) {
              subscription(c, 0)->mutate_state(static_cast<fbs::SubscriptionState>(99));
            }),
            "");
}

TEST(Verify, Keys) {
  EXPECT_NE(keys([](fbs::Keys& k) { std::swap(key(k, 0), key(k, 1)); }), "");
  EXPECT_NE(keys([](fbs::Keys& k) { key(k, 1) = key(k, 0); }), "") << "the same key twice";
  EXPECT_NE(keys([](fbs::Keys& k) { key(k, 0).mutate_restriction(99); }), "");
  EXPECT_NE(keys([](fbs::Keys& k) { key(k, 0).mutate_key_type(static_cast<fbs::KeyType>(7)); }),
            "");
  EXPECT_NE(keys([](fbs::Keys& k) { key(k, 0).mutate_kind(static_cast<fbs::CredentialKind>(7)); }),
            "");
  EXPECT_NE(keys([](fbs::Keys& k) { k.mutable_index()->Mutate(1, 99); }), "");
  EXPECT_NE(
      keys([](fbs::Keys& k) {
        auto* restriction = k.mutable_restrictions()->GetMutableObject(0);
        const_cast<fbs::IpRange*>(restriction->mutable_addresses()->Get(0))->mutate_first_high(1);
      }),
      "");
}

TEST(Verify, ALimitWithoutACountNeedsNothingElse) {
  EXPECT_TRUE(verify_limit({0, 0, static_cast<fbs::TimeUnit>(99), fbs::QuotaKind::Requests}));
  EXPECT_FALSE(verify_limit({1, 0, fbs::TimeUnit::Minute, fbs::QuotaKind::Requests}));
}

}  // namespace
}  // namespace apim::snapshot
