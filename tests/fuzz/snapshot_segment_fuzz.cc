// Segment: bytes that a manifest vouches for are refused with a reason, or every lookup in the
// image they become stays inside them.
//
// Input: one byte of kind, then the payload, whose header and hashes are made here; with the
// kind's top bit set, header included. It takes the place of one segment of a small world's image.

#include "snapshot/segment.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crypto/digest.h"
#include "dataplane/snapshot/support_hub.h"
#include "fuzz/input.h"
#include "match/match.h"
#include "match/matcher.h"
#include "snapshot/image_builder.h"

namespace {

namespace fbs = apim::fbs;
namespace layout = apim::layout;
namespace snapshot = apim::snapshot;
using apim::fuzz::Input;

constexpr size_t kAskedMax = 64;  // Of each kind of thing in an image: an input is not a benchmark.

// What the other segments are.
struct Base {
  snapshot::Manifest manifest;
  std::shared_ptr<const snapshot::Image> image;
};

const Base& base() {
  static const Base made = [] {
    const auto published = apim::test::publish(apim::test::full_world().catalog, 1);
    auto manifest = snapshot::check_manifest(apim::test::to_bytes(published.manifest),
                                             apim::test::signing_key().public_key, "Default");
    auto image = apim::test::load(published);
    assert(manifest.has_value());
    assert(image.has_value());
    return Base{std::move(*manifest), std::move(*image)};
  }();
  return made;
}

std::string with_header(layout::Kind kind, std::string_view payload) {
  const layout::Header header = apim::compile::header_for(kind, payload);
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header)).append(payload);
}

void check_refusal(const snapshot::Refusal& refusal) {
  assert(!refusal.reason.empty());
  const bool is_known = refusal.code == apim::FaultCode::SnapshotCorrupt ||
                        refusal.code == apim::FaultCode::SnapshotMeaningless ||
                        refusal.code == apim::FaultCode::SnapshotUnknownVersion;
  assert(is_known);
}

size_t g_read;  // Keeps the compiler from leaving reads out.

void read_text(const flatbuffers::String* text) {
  if (text == nullptr) return;
  for (const char c : text->string_view()) g_read += static_cast<unsigned char>(c);
}

void ask_matcher(const fbs::Api& api) {
  std::vector<std::string> paths = {"/", "/menu", "/order/1", "/f/a.json", "/all/a/b", "/x.xml"};
  for (const fbs::Operation* operation : *api.operations()) {
    read_text(operation->target());
    if (paths.size() < kAskedMax && operation->target()->string_view().starts_with('/'))
      paths.push_back(operation->target()->str());
  }
  for (const std::string& path : paths) {
    const uint8_t methods = apim::match::methods_on(api, path);
    for (uint8_t method = 0; method < 8; ++method) {
      const auto* operation =
          apim::match::find_operation(api, static_cast<fbs::Method>(method), path);
      assert((operation != nullptr) == ((methods >> method & 1) != 0));
      if (operation != nullptr) read_text(operation->target());
    }
  }
}

void ask(const snapshot::Image& image, const fbs::Apis& apis) {
  uint32_t asked = 0;
  for (const fbs::Api* api : *apis.apis()) {
    if (++asked > kAskedMax) return;
    assert(image.find_api(api->id()) == api);
    read_text(api->name());
    read_text(api->context());
  }
}

// Whatever stands in the tables is found by its key.
void ask(const snapshot::Image& image, const fbs::Keys& keys) {
  uint32_t asked = 0;
  for (const fbs::KeyEntry* entry : *keys.entries()) {
    if (++asked > kAskedMax) return;
    layout::Digest digest;
    std::copy_n(entry->digest()->data(), digest.size(), digest.begin());
    const auto hit = image.find_key(digest);
    assert(hit.entry == entry);
    assert((hit.restriction != nullptr) == (entry->restriction() != 0));
    assert(image.find_application(entry->application()) != nullptr);
    digest.back() ^= 1;
    g_read += image.find_key(digest).entry != nullptr ? 1U : 0U;
  }
}

void ask(const snapshot::Image& image, const fbs::Consumers& consumers) {
  for (const fbs::Application* application : *consumers.applications()) {
    assert(image.find_application(application->id()) == application);
    read_text(application->name());
    for (const fbs::Subscription* subscription : *application->subscriptions())
      g_read += image.find_policy(subscription->tier()) != nullptr ? 1U : 0U;
  }
}

void ask(const snapshot::Image& image, const fbs::Limits& limits) {
  for (const fbs::ThrottlePolicy* policy : *limits.policies()) {
    assert(image.find_policy(policy->id()) == policy);
    read_text(policy->name());
  }
  for (const uint64_t hash : *image.deny().apis()) g_read += hash;
  for (const fbs::IpRange* range : *image.deny().addresses()) g_read += range->last_low();
  g_read += image.unauthenticated_policy() != nullptr ? 1U : 0U;
}

// Every context is reached through its own path, or by a longer one.
void ask(const snapshot::Image& image, const fbs::Routes& routes) {
  uint32_t asked = 0;
  for (const fbs::Vhost* vhost : *routes.vhosts()) {
    assert(image.find_vhost(vhost->host()->string_view()) == vhost);
    for (const fbs::RouteEntry* entry : *vhost->entries()) {
      if (++asked > kAskedMax) return;
      assert(image.find_api(entry->api()) != nullptr);
    }
  }
}

// Requests by every context there is, to the hosts there are.
void ask_match(std::shared_ptr<const snapshot::Image> image, const fbs::Routes& routes) {
  apim::test::Worker worker(std::move(image));
  uint32_t asked = 0;
  for (const fbs::Vhost* vhost : *routes.vhosts()) {
    for (const fbs::RouteEntry* entry : *vhost->entries()) {
      const std::string context(
          reinterpret_cast<const char*>(vhost->texts()->data()) + entry->text_offset(),
          entry->text_length());
      for (const std::string& path : {context, context + "/menu", context + "/order/7/"}) {
        if (++asked > kAskedMax) return;
        apim::test::Call call(worker, apim::http::Method::Get, path);
        call.x.request.host = vhost->host()->string_view();
        const auto verdict = apim::match::match(call.x, {.default_vhost = "localhost"});
        assert(call.x.route.api != nullptr);
        assert((verdict == apim::Verdict::Next) == (call.x.answer.set == false));
      }
    }
  }
}

// The tables inside of a segment's file.
template <class Root>
const Root& root_of(std::span<const uint8_t> file) {
  return *flatbuffers::GetRoot<Root>(file.data() + sizeof(layout::Header));
}

// The image's own segment of that kind: its lookups point into that.
std::span<const uint8_t> file_of(const snapshot::Image& image, layout::Kind kind) {
  for (const auto& info : image.segments()) {
    if (info.kind == kind) return snapshot::ImageBuilder::file_of(image, info.digest);
  }
  std::abort();
}

void ask_image(const std::shared_ptr<const snapshot::Image>& image, layout::Kind kind) {
  g_read += image->counts().keys;
  ask_match(image, root_of<fbs::Routes>(file_of(*image, layout::Kind::Routes)));
  const auto file = file_of(*image, kind);
  switch (kind) {
    case layout::Kind::Routes: return ask(*image, root_of<fbs::Routes>(file));
    case layout::Kind::Apis: return ask(*image, root_of<fbs::Apis>(file));
    case layout::Kind::Limits: return ask(*image, root_of<fbs::Limits>(file));
    case layout::Kind::Consumers: return ask(*image, root_of<fbs::Consumers>(file));
    case layout::Kind::Keys: return ask(*image, root_of<fbs::Keys>(file));
    default: assert(false);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const auto selector = input.number<uint8_t>();
  const bool has_header = (selector & 0x80) != 0;
  snapshot::Manifest manifest = base().manifest;
  snapshot::SegmentRef& ref = manifest.segments[selector % 16 % manifest.segments.size()];
  const std::string file =
      has_header ? std::string(input.rest()) : with_header(ref.kind, input.rest());
  ref.bytes = file.size();
  ref.digest = apim::crypto::sha256(std::string_view(file));
  const snapshot::SegmentRef taken = ref;

  const auto segment = snapshot::Segment::check(taken, apim::test::to_bytes(file));
  if (!segment) {
    check_refusal(segment.error());
    return 0;
  }
  if (taken.kind == layout::Kind::Apis) {
    for (const fbs::Api* api : *root_of<fbs::Apis>((*segment)->file()).apis()) ask_matcher(*api);
  }
  snapshot::ImageBuilder builder(std::move(manifest), base().image);
  if (!builder.missing().empty()) {
    const auto accepted = builder.take(taken, apim::test::to_bytes(file));
    assert(accepted.has_value());
  }
  const auto image = builder.build();
  if (!image) {
    check_refusal(image.error());
    return 0;
  }
  ask_image(*image, taken.kind);
  return 0;
}
