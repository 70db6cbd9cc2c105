// What a corrupt snapshot can do: be refused with a reason. Cut, lengthened, with bits turned over,
// signed by others, and signed by the right key but senseless. Where hash and signature were made
// to fit, it may also become an image, on which no look-up does harm; the sanitizers watch.

#include <algorithm>
#include <cstring>

#include "compile/synthetic.h"
#include "snapshot/ranges.h"
#include "support/forge.h"
#include "support_hub.h"

namespace apim::snapshot {
namespace {

using test::flipped;
using test::Forge;
using test::load_forged;
using test::Published;
using Loaded = Checked<std::shared_ptr<const Image>>;

constexpr uint32_t kFlipsOfAKind = 5000;
constexpr size_t kSmallBytes = 4096;  // Cut at every byte; longer files at every 64th.

const Forge& forge() {
  static const Forge kForge(test::full_world().catalog, 2);
  return kForge;
}

std::shared_ptr<const Image> image_before() {
  static const std::shared_ptr<const Image> kImage =
      test::make_image(test::full_world().catalog, 1);
  return kImage;
}

// A refusal has a reason, and is the same on top of an image that shares most segments.
Loaded load_both_ways(const Published& published) {
  Loaded fresh = load_forged(published);
  const Loaded on_top = load_forged(published, image_before());
  EXPECT_EQ(fresh.has_value(), on_top.has_value());
  for (const Loaded* loaded : {&std::as_const(fresh), &on_top}) {
    if (*loaded) continue;
    EXPECT_FALSE(loaded->error().reason.empty());
    EXPECT_LT(loaded->error().reason.size(), 2048U);
  }
  return fresh;
}

std::string refusal_of(const Published& published) {
  const Loaded loaded = load_both_ways(published);
  return loaded ? "" : loaded.error().reason;
}

// Of segment `i` with these bytes, which the manifest does not name. (An image that has the segment
// already would not read the file.)
std::string refusal_of_file(size_t i, std::string file) {
  const Loaded loaded = load_forged(forge().with_file(i, std::move(file)));
  return loaded ? "" : loaded.error().reason;
}

// ------------------------------------------------------------ the probe set

// Reads every byte that a table reaches, as a request or the admin page would.
class Reader {
 public:
  void read(const Image& image) {
    for (const auto* host : {"localhost", "", "zzz", "local"}) read(image.find_vhost(host));
    for (const uint32_t id : {0U, 1U, 2U, 3U, 4U, 5U, 1000U, UINT32_MAX}) {
      read(image.find_api(id));
      read(image.find_application(id));
      read(image.find_policy(id));
    }
    read(image.unauthenticated_policy());
    read(image.subscriptionless_policy());
    for (const auto* text : {"key-1", "key-2", "other-3", "other-4", "unknown", ""}) {
      const Image::KeyHit hit = image.find_key(crypto::sha256(std::string_view(text)));
      if (hit.entry != nullptr) add(hit.entry->application() + hit.entry->expires_s());
      if (hit.restriction != nullptr) read(*hit.restriction);
    }
    for (const auto* hashes :
         {image.deny().apis(), image.deny().applications(), image.deny().users()}) {
      add(std::binary_search(hashes->begin(), hashes->end(), uint64_t{7}) ? 1U : 0U);
    }
    add(holds(*image.deny().addresses(), *parse_address("10.9.9.9")) ? 1U : 0U);
    for (const fbs::IpRange* range : *image.deny().outside()) add(range->last_low());
    for (const auto& segment : image.segments()) add(segment.shard);
    add(image.counts().apis + image.counts().applications + image.counts().keys);
  }

  uint64_t sum() const { return sum_; }

 private:
  void add(uint64_t value) { sum_ = layout::hash_join(sum_, value); }
  void read(const flatbuffers::String* text_or_null) {
    if (text_or_null != nullptr) add(layout::hash_bytes(text_or_null->string_view()));
  }
  void read(const fbs::Vhost* vhost_or_null) {
    if (vhost_or_null == nullptr) return;
    const auto* texts = reinterpret_cast<const char*>(vhost_or_null->texts()->data());
    for (const fbs::RouteEntry* entry : *vhost_or_null->entries())
      add(layout::hash_bytes({texts + entry->text_offset(), entry->text_length()}));
    for (const uint32_t offset : *vhost_or_null->index()) add(offset);
  }
  void read(const fbs::ThrottlePolicy* policy_or_null) {
    if (policy_or_null == nullptr) return;
    read(policy_or_null->name());
    add(policy_or_null->limit()->count());
    if (policy_or_null->burst() != nullptr) add(policy_or_null->burst()->count());
  }
  void read(const fbs::Restriction& restriction) {
    if (restriction.addresses() != nullptr)
      add(holds(*restriction.addresses(), *parse_address("10.0.0.1")) ? 1U : 0U);
    if (restriction.referers() == nullptr) return;
    for (const auto* referer : *restriction.referers()) read(referer);
  }
  void read(const fbs::Application* application_or_null) {
    if (application_or_null == nullptr) return;
    read(application_or_null->uuid());
    read(application_or_null->name());
    read(application_or_null->owner());
    for (const auto* subscription : *application_or_null->subscriptions())
      add(subscription->api() + subscription->tier());
  }
  void read(const flatbuffers::Vector<flatbuffers::Offset<fbs::PolicyStep>>* plan_or_null) {
    if (plan_or_null == nullptr) return;
    for (const fbs::PolicyStep* step : *plan_or_null) {
      read(step->name());
      read(step->value());
    }
  }
  void read(const fbs::EndpointGroup* group_or_null) {
    if (group_or_null == nullptr) return;
    for (const fbs::Endpoint* endpoint : *group_or_null->endpoints()) {
      for (const auto* text : {endpoint->host(), endpoint->authority(), endpoint->path()})
        read(text);
      for (const auto* codes : {endpoint->suspend_codes(), endpoint->retry_codes()}) {
        if (codes == nullptr) continue;
        for (const uint32_t code : *codes) add(code);
      }
    }
  }
  void read(const fbs::Matcher& matcher) {
    const auto* texts = reinterpret_cast<const char*>(matcher.texts()->data());
    for (const uint32_t offset : *matcher.exact_index()) add(offset);
    for (const auto* segment : *matcher.segments())
      add(layout::hash_bytes({texts + segment->text_offset(), segment->text_length()}));
    for (const auto* entry : *matcher.wildcards())
      add(layout::hash_bytes({texts + entry->text_offset(), entry->text_length()}));
    for (const auto* entry : *matcher.templates())
      add(matcher.segments()->Get(entry->first_segment() + entry->segment_count() - 1U)->kind() ==
                  fbs::SegmentKind::Rest
              ? 1U
              : 0U);
  }
  void read(const fbs::Api* api_or_null) {
    if (api_or_null == nullptr) return;
    for (const auto* text : {api_or_null->uuid(), api_or_null->name(), api_or_null->version(),
                             api_or_null->context(), api_or_null->provider(), api_or_null->tenant(),
                             api_or_null->authorization_header(), api_or_null->api_key_header()}) {
      read(text);
    }
    for (const fbs::Operation* operation : *api_or_null->operations()) {
      read(operation->target());
      read(operation->request());
      read(operation->response());
      read(operation->fault());
    }
    read(*api_or_null->matcher());
    read(api_or_null->production());
    read(api_or_null->sandbox());
  }

  uint64_t sum_ = layout::kHashSeed;
};

uint64_t probe(const Image& image) {
  Reader reader;
  reader.read(image);
  return reader.sum();
}

// --------------------------------------------------------------- the promises

TEST(Corruption, TheGoodOneIsTakenAndEveryProbeAnswersTheSame) {
  const Loaded loaded = load_both_ways(forge().good());
  ASSERT_TRUE(loaded) << loaded.error().reason;
  ASSERT_EQ(forge().segment_count(), 5U);
  EXPECT_EQ(probe(**loaded), probe(*image_before()));
  for (size_t i = 0; i < forge().segment_count(); ++i) {
    const Loaded again = load_both_ways(forge().with_payload(i, forge().payload(i)));
    ASSERT_TRUE(again) << again.error().reason;
    EXPECT_EQ(probe(**again), probe(*image_before()));
  }
  EXPECT_EQ(refusal_of(forge().with_manifest_payload(forge().manifest_payload())), "");
}

TEST(Corruption, AFileThatIsCutIsRefused) {
  const auto cut_everywhere = [](const std::string& file, auto refusal_of_cut) {
    const size_t step = file.size() <= kSmallBytes ? 1 : layout::kPayloadAlignment;
    for (size_t size = 0; size < file.size(); size += step)
      EXPECT_NE(refusal_of_cut(file.substr(0, size)), "") << size;
    EXPECT_NE(refusal_of_cut(file.substr(0, file.size() - 1)), "");
  };
  cut_everywhere(forge().good().manifest, [](std::string file) {
    return refusal_of(forge().with_manifest(std::move(file)));
  });
  for (size_t i = 0; i < forge().segment_count(); ++i) {
    SCOPED_TRACE(compile::to_text(forge().segment(i).ref.kind));
    cut_everywhere(forge().segment(i).bytes,
                   [&](std::string file) { return refusal_of_file(i, std::move(file)); });
  }
}

// Hashes and signature fit what is left. Only bytes that no table reaches (padding) may be missing.
TEST(Corruption, APayloadThatIsCutAndSignedIsRefusedOrHarmless) {
  const auto cut_everywhere = [](const std::string& payload, auto with) {
    const size_t step = payload.size() <= kSmallBytes ? 1 : layout::kPayloadAlignment;
    size_t taken = 0;
    for (size_t size = step; size < payload.size(); size += step) {
      const Loaded loaded = load_both_ways(with(payload.substr(0, size)));
      if (!loaded) continue;
      ++taken;
      EXPECT_GE(size + 8, payload.size());
      EXPECT_EQ(probe(**loaded), probe(*image_before()));
    }
    EXPECT_LE(taken, 8U);
  };
  for (size_t i = 0; i < forge().segment_count(); ++i) {
    SCOPED_TRACE(compile::to_text(forge().segment(i).ref.kind));
    cut_everywhere(forge().payload(i),
                   [&](const std::string& cut) { return forge().with_payload(i, cut); });
  }
  const std::string payload = forge().manifest_payload();
  for (size_t size = 1; size + 8 < payload.size(); ++size)
    EXPECT_NE(refusal_of(forge().with_manifest_payload(payload.substr(0, size))), "") << size;
}

TEST(Corruption, TrailingBytesAreRefused) {
  for (const size_t count : {size_t{1}, size_t{8}, size_t{64}, size_t{4096}}) {
    const std::string more(count, '\0');
    const std::string& manifest = forge().good().manifest;
    EXPECT_NE(refusal_of(forge().with_manifest(manifest + more)), "");
    // Before the signature, which is made anew: the header's length does not allow it.
    const std::string body = manifest.substr(0, manifest.size() - layout::kSignatureBytes);
    EXPECT_NE(refusal_of(forge().with_manifest(Forge::signed_file(body + more))), "");
    for (size_t i = 0; i < forge().segment_count(); ++i)
      EXPECT_NE(refusal_of_file(i, forge().segment(i).bytes + more), "") << i;
  }
}

TEST(Corruption, FlippedBitsAreRefusedByTheHash) {
  std::minstd_rand random(1);
  const size_t files = forge().segment_count() + 1;
  for (uint32_t n = 0; n < kFlipsOfAKind; ++n) {
    SCOPED_TRACE(n);
    const size_t i = n % files;
    if (i == forge().segment_count()) {
      ASSERT_NE(refusal_of(forge().with_manifest(flipped(forge().good().manifest, random))), "");
      continue;
    }
    const std::string file = flipped(forge().segment(i).bytes, random);
    const std::string reason = refusal_of_file(i, file);
    ASSERT_NE(reason.find("does not have that hash"), std::string::npos) << reason;
    ASSERT_NE(reason.find(compile::to_text(forge().segment(i).ref.kind)), std::string::npos);
  }
}

TEST(Corruption, FlippedBitsThatAreSignedAreRefusedOrHarmless) {
  std::minstd_rand random(2);
  const size_t files = forge().segment_count() + 1;
  size_t refused = 0;
  for (uint32_t n = 0; n < kFlipsOfAKind; ++n) {
    SCOPED_TRACE(n);
    const size_t i = n % files;
    const Published published =
        i == forge().segment_count()
            ? forge().with_manifest_payload(flipped(forge().manifest_payload(), random))
            : forge().with_payload(i, flipped(forge().payload(i), random));
    const Loaded loaded = load_both_ways(published);
    if (loaded) {
      probe(**loaded);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, kFlipsOfAKind / 3);
  EXPECT_LT(refused, kFlipsOfAKind - kFlipsOfAKind / 20) << "some must reach the look-ups";
}

TEST(Corruption, ASignatureThatDoesNotFitIsRefused) {
  const std::string& manifest = forge().good().manifest;
  const std::string body = manifest.substr(0, manifest.size() - layout::kSignatureBytes);
  const auto with_tail = [&](const std::string& tail) {
    const Loaded loaded = load_both_ways(forge().with_manifest(body + tail));
    return loaded ? FaultCode::kCount : loaded.error().code;
  };
  EXPECT_EQ(with_tail(std::string(layout::kSignatureBytes, '\0')), FaultCode::SnapshotUnsigned);
  EXPECT_EQ(with_tail(std::string(layout::kSignatureBytes, '\xff')), FaultCode::SnapshotUnsigned);
  std::string tail = manifest.substr(manifest.size() - layout::kSignatureBytes);
  for (size_t bit = 0; bit < tail.size() * 8; ++bit) {
    tail[bit / 8] = static_cast<char>(tail[bit / 8] ^ 1 << bit % 8);
    EXPECT_EQ(with_tail(tail), FaultCode::SnapshotUnsigned) << bit;
    tail[bit / 8] = static_cast<char>(tail[bit / 8] ^ 1 << bit % 8);
  }
  // Of another manifest by the same key.
  const std::string other = test::publish(test::full_world().catalog, 3).manifest;
  EXPECT_EQ(with_tail(other.substr(other.size() - layout::kSignatureBytes)),
            FaultCode::SnapshotUnsigned);
}

// Also of a segment that the image before has, where no file is read.
TEST(Corruption, ASizeThatIsNotTheSegmentsIsRefused) {
  const compile::Manifest manifest =
      *compile::read_manifest(forge().good().manifest, test::signing_key().public_key);
  for (size_t i = 0; i < manifest.content.segments.size(); ++i) {
    compile::Manifest changed = manifest;
    ++changed.content.segments[i].bytes;
    const std::string file = compile::write_manifest(changed, test::signing_key());
    EXPECT_NE(refusal_of(forge().with_manifest(file)), "") << i;
  }
}

TEST(Corruption, ANewerMajorIsRefusedInEveryFile) {
  const auto newer = [](std::string file) {
    const uint16_t major = layout::kSchemaMajor + 1;
    std::memcpy(file.data() + offsetof(layout::Header, schema_major), &major, sizeof(major));
    return file;
  };
  const std::string& manifest = forge().good().manifest;
  const std::string body = manifest.substr(0, manifest.size() - layout::kSignatureBytes);
  EXPECT_EQ(load_both_ways(forge().with_manifest(Forge::signed_file(newer(body)))).error().code,
            FaultCode::SnapshotUnknownVersion);
  for (size_t i = 0; i < forge().segment_count(); ++i) {
    const std::string file = newer(forge().segment(i).bytes);
    SegmentRef ref{.kind = forge().segment(i).ref.kind, .bytes = file.size()};
    ref.digest = crypto::sha256(std::string_view(file));
    const auto segment = Segment::check(ref, test::to_bytes(file));
    ASSERT_FALSE(segment);
    EXPECT_EQ(segment.error().code, FaultCode::SnapshotUnknownVersion);
  }
}

// ------------------------------------------------ senseless, but signed

// The refusal of the good snapshot after `change` of the mutable root of one kind.
template <class Root, class Change>
std::string poisoned(layout::Kind kind, Change change) {
  const size_t i = forge().index_of(kind);
  std::string payload = forge().payload(i);
  change(*flatbuffers::GetMutableRoot<Root>(payload.data()));
  EXPECT_NE(payload, forge().payload(i)) << "nothing was changed";
  const Loaded loaded = load_both_ways(forge().with_payload(i, payload));
  if (loaded) return "";
  EXPECT_EQ(loaded.error().code, FaultCode::SnapshotMeaningless) << loaded.error().reason;
  return loaded.error().reason;
}

template <class Change>
std::string poisoned_api(Change change) {
  return poisoned<fbs::Apis>(layout::Kind::Apis, [&](fbs::Apis& apis) {
    change(*apis.mutable_apis()->GetMutableObject(0));
  });
}

template <class Change>
std::string poisoned_vhost(Change change) {
  return poisoned<fbs::Routes>(layout::Kind::Routes, [&](fbs::Routes& routes) {
    change(*routes.mutable_vhosts()->GetMutableObject(0));
  });
}

void put(const flatbuffers::String* text, uint32_t at, char c) {
  const_cast<flatbuffers::String*>(text)->Mutate(at, c);
}

template <class Struct>
Struct& at(flatbuffers::Vector<const Struct*>* table, uint32_t i) {
  return *const_cast<Struct*>(table->Get(i));
}

TEST(Corruption, AReferenceThatLeadsNowhereIsRefused) {
  EXPECT_NE(poisoned_vhost([](fbs::Vhost& v) { at(v.mutable_entries(), 0).mutate_api(77); }), "");
  EXPECT_NE(poisoned_vhost([](fbs::Vhost& v) { at(v.mutable_entries(), 0).mutate_api(0); }), "");
  for (const uint32_t tier : {2U, 77U, UINT32_MAX}) {  // 2 is there, but of another level.
    EXPECT_NE(poisoned_api([&](fbs::Api& a) {
                a.mutable_operations()->GetMutableObject(0)->mutate_tier(tier);
              }),
              "");
  }
  const auto application = [](auto change) {
    return poisoned<fbs::Consumers>(layout::Kind::Consumers, [&](fbs::Consumers& c) {
      change(*c.mutable_applications()->GetMutableObject(1));
    });
  };
  EXPECT_NE(application([](fbs::Application& a) { a.mutate_tier(77); }), "");
  EXPECT_NE(
      application([](fbs::Application& a) { at(a.mutable_subscriptions(), 0).mutate_tier(77); }),
      "");
  EXPECT_NE(
      poisoned<fbs::Keys>(layout::Kind::Keys,
                          [](fbs::Keys& k) { at(k.mutable_entries(), 3).mutate_application(77); }),
      "");
  EXPECT_NE(poisoned<fbs::Limits>(
                layout::Kind::Limits,
                [](fbs::Limits& l) { l.mutable_policies()->GetMutableObject(2)->mutate_id(77); }),
            "");
}

TEST(Corruption, ATableOutOfOrderIsRefused) {
  EXPECT_NE(poisoned_vhost([](fbs::Vhost& v) {
              std::swap(at(v.mutable_entries(), 0), at(v.mutable_entries(), 1));
            }),
            "");
  EXPECT_NE(poisoned<fbs::Keys>(layout::Kind::Keys,
                                [](fbs::Keys& k) {
                                  std::swap(at(k.mutable_entries(), 2), at(k.mutable_entries(), 5));
                                }),
            "");
  EXPECT_NE(poisoned<fbs::Consumers>(layout::Kind::Consumers,
                                     [](fbs::Consumers& c) {
                                       c.mutable_ids()->Mutate(0, 2);
                                       c.mutable_ids()->Mutate(1, 1);
                                     }),
            "");
  EXPECT_NE(poisoned<fbs::Limits>(layout::Kind::Limits,
                                  [](fbs::Limits& l) {
                                    std::swap(at(l.mutable_deny()->mutable_addresses(), 0),
                                              at(l.mutable_deny()->mutable_addresses(), 1));
                                  }),
            "");
}

TEST(Corruption, WhatStandsTwiceIsRefused) {
  EXPECT_NE(poisoned_vhost(
                [](fbs::Vhost& v) { at(v.mutable_entries(), 1) = at(v.mutable_entries(), 0); }),
            "");
  EXPECT_NE(poisoned<fbs::Keys>(
                layout::Kind::Keys,
                [](fbs::Keys& k) { at(k.mutable_entries(), 1) = at(k.mutable_entries(), 0); }),
            "");
  EXPECT_NE(poisoned_api([](fbs::Api& a) {
              auto* exact = a.mutable_matcher()->mutable_exact();
              at(exact, 1) = at(exact, 0);
            }),
            "");
}

TEST(Corruption, OffsetsThatAreNotMonotonicAreRefused) {
  for (const uint32_t value : {1U, 5U, 1000U, UINT32_MAX}) {
    EXPECT_NE(poisoned_vhost([&](fbs::Vhost& v) { v.mutable_index()->Mutate(0, value); }), "");
    EXPECT_NE(poisoned<fbs::Keys>(layout::Kind::Keys,
                                  [&](fbs::Keys& k) { k.mutable_index()->Mutate(0, value); }),
              "");
    EXPECT_NE(poisoned_api([&](fbs::Api& a) {
                a.mutable_matcher()->mutable_exact_index()->Mutate(0, value);
              }),
              "");
  }
}

// A vector's own count is the word in front of its elements.
TEST(Corruption, CountsOutOfRangeAreRefused) {
  const auto counted = [](auto* vector, uint32_t count) {
    std::memcpy(reinterpret_cast<uint8_t*>(vector), &count, sizeof(count));
  };
  for (const uint32_t count : {0U, 1U, 1000U, 0x7fffffffU, UINT32_MAX}) {
    const auto vhost = [&](auto change) {
      const size_t i = forge().index_of(layout::Kind::Routes);
      std::string payload = forge().payload(i);
      change(*flatbuffers::GetMutableRoot<fbs::Routes>(payload.data())
                  ->mutable_vhosts()
                  ->GetMutableObject(0));
      return refusal_of(forge().with_payload(i, payload));
    };
    EXPECT_NE(vhost([&](fbs::Vhost& v) { counted(v.mutable_entries(), count); }), "") << count;
    EXPECT_NE(vhost([&](fbs::Vhost& v) { counted(v.mutable_index(), count); }), "") << count;
    EXPECT_NE(vhost([&](fbs::Vhost& v) { counted(v.mutable_texts(), count); }), "") << count;
    const size_t keys = forge().index_of(layout::Kind::Keys);
    std::string payload = forge().payload(keys);
    counted(flatbuffers::GetMutableRoot<fbs::Keys>(payload.data())->mutable_entries(), count);
    EXPECT_NE(refusal_of(forge().with_payload(keys, payload)), "") << count;
  }
}

TEST(Corruption, TextsThatWouldEndUpInHeadsHaveNoControlBytes) {
  for (const char c : {'\0', '\r', '\n', '\x01', '\x7f'}) {
    EXPECT_NE(poisoned_api([&](fbs::Api& a) {
                const auto* plan = a.operations()->Get(1)->request();
                put(plan->Get(0)->name(), 0, c);
              }),
              "");
    EXPECT_NE(poisoned_api([&](fbs::Api& a) {
                const auto* plan = a.operations()->Get(1)->request();
                put(plan->Get(0)->value(), 0, c);
              }),
              "");
    EXPECT_NE(poisoned_api([&](fbs::Api& a) { put(a.api_key_header(), 0, c); }), "");
    EXPECT_NE(poisoned_api([&](fbs::Api& a) { put(a.authorization_header(), 0, c); }), "");
    EXPECT_NE(poisoned_api([&](fbs::Api& a) { put(a.context(), 1, c); }), "");
    const auto endpoint = [&](auto text_of) {
      return poisoned_api(
          [&](fbs::Api& a) { put(text_of(*a.production()->endpoints()->Get(0)), 1, c); });
    };
    EXPECT_NE(endpoint([](const fbs::Endpoint& e) { return e.host(); }), "");
    EXPECT_NE(endpoint([](const fbs::Endpoint& e) { return e.authority(); }), "");
    EXPECT_NE(endpoint([](const fbs::Endpoint& e) { return e.path(); }), "");
    EXPECT_NE(poisoned_vhost([&](fbs::Vhost& v) { put(v.host(), 0, c); }), "");
    EXPECT_NE(poisoned_vhost(
                  [&](fbs::Vhost& v) { v.mutable_texts()->Mutate(2, static_cast<uint8_t>(c)); }),
              "");
  }
}

TEST(Corruption, AShardInAnothersPlaceIsRefused) {
  model::Catalog catalog = compile::synthetic_catalog({.apis = 200,
                                                       .operations_per_api = 2,
                                                       .applications = 1500,
                                                       .keys = 20'000,
                                                       .subscriptions_per_application = 2});
  catalog.environment = "Default";
  const Published good = test::publish(catalog, 1);
  ASSERT_TRUE(load_forged(good));
  const compile::Manifest manifest =
      *compile::read_manifest(good.manifest, test::signing_key().public_key);
  size_t swapped = 0;
  for (size_t i = 0; i + 1 < manifest.content.segments.size(); ++i) {
    compile::Manifest changed = manifest;
    compile::SegmentRef& first = changed.content.segments[i];
    compile::SegmentRef& second = changed.content.segments[i + 1];
    if (first.kind != second.kind) continue;
    std::swap(first.digest, second.digest);
    std::swap(first.bytes, second.bytes);
    Published published = good;
    published.manifest = compile::write_manifest(changed, test::signing_key());
    const Loaded loaded = load_forged(published);
    ASSERT_FALSE(loaded);
    EXPECT_NE(loaded.error().reason.find("another shard"), std::string::npos)
        << loaded.error().reason;
    ++swapped;
  }
  EXPECT_GT(swapped, 0U);
}

}  // namespace
}  // namespace apim::snapshot
