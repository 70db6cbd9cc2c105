#include "match/match.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "match/matcher.h"
#include "schemas/layout.h"
#include "snapshot/image.h"

namespace apim::match {
namespace {

using http::Method;

static_assert(static_cast<int>(Method::Get) == static_cast<int>(fbs::Method::Get));
static_assert(static_cast<int>(Method::Head) == static_cast<int>(fbs::Method::Head));
static_assert(static_cast<int>(Method::Post) == static_cast<int>(fbs::Method::Post));
static_assert(static_cast<int>(Method::Put) == static_cast<int>(fbs::Method::Put));
static_assert(static_cast<int>(Method::Delete) == static_cast<int>(fbs::Method::Delete));
static_assert(static_cast<int>(Method::Patch) == static_cast<int>(fbs::Method::Patch));
static_assert(static_cast<int>(Method::Options) == static_cast<int>(fbs::Method::Options));
static_assert(static_cast<int>(Method::Trace) == static_cast<int>(fbs::Method::Trace));

constexpr size_t kDepthMax = 63;
constexpr size_t kAllowBytesMax = 64;  // Every method's name and the commas between.

Verdict refuse(Exchange& x, FaultCode code, const char* what) {
  answer(x, fault(code, what));
  return Verdict::Answer;
}

const fbs::RouteEntry* find_route(const fbs::Vhost& vhost, std::string_view prefix) {
  const auto& index = *vhost.index();
  const uint64_t hash = layout::hash_bytes(prefix);
  const uint32_t bucket = layout::bucket_of(hash, index.size() - 1);
  for (uint32_t i = index.Get(bucket); i < index.Get(bucket + 1); ++i) {
    const fbs::RouteEntry& entry = *vhost.entries()->Get(i);
    const std::string_view text(
        reinterpret_cast<const char*>(vhost.texts()->data()) + entry.text_offset(),
        entry.text_length());
    if (entry.hash() == hash && text == prefix) return &entry;
  }
  return nullptr;
}

// Where the path's first d segments end, for each depth d that some context has.
struct Prefixes {
  std::array<size_t, kDepthMax + 1> ends;
  size_t depth = 0;  // Of the deepest one found.
};

Prefixes prefixes_of(std::string_view path, uint64_t depth_mask) {
  Prefixes prefixes;
  const auto deepest = static_cast<size_t>(std::bit_width(depth_mask >> 1));
  size_t at = 0;
  while (prefixes.depth < deepest && at + 1 < path.size()) {
    at = std::min(path.find('/', at + 1), path.size());
    prefixes.ends[++prefixes.depth] = at;
  }
  return prefixes;
}

// The longest context that ends at a segment boundary of `path`.
const fbs::RouteEntry* longest_route(const fbs::Vhost& vhost, std::string_view path) {
  const uint64_t mask = vhost.depth_mask();
  const Prefixes prefixes = prefixes_of(path, mask);
  for (size_t depth = prefixes.depth; depth > 0; --depth) {
    if ((mask >> depth & 1) == 0) continue;
    if (const auto* route = find_route(vhost, path.substr(0, prefixes.ends[depth]))) return route;
  }
  return (mask & 1) == 0 ? nullptr : find_route(vhost, "/");
}

// Fills x.route.api and x.route.resource; false: no such API.
bool find_api(Exchange& x, const Settings& settings) {
  const fbs::Vhost* vhost = vhost_of(x, settings);
  if (vhost == nullptr) return false;
  const std::string_view path = x.request.target.path;
  const fbs::RouteEntry* route = longest_route(*vhost, path);
  if (route == nullptr) return false;
  x.route.api = x.image->find_api(route->api());
  assert(x.route.api != nullptr);
  x.route.by_default_version = route->is_default_version();
  const size_t context_bytes = route->depth() == 0 ? 0 : route->text_length();  // "/" is all of it.
  x.route.resource =
      context_bytes == path.size() ? std::string_view("/") : path.substr(context_bytes);
  return true;
}

std::string_view without_trailing_slashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

// "GET, POST" in the arena.
std::string_view allow_text(Arena& arena, uint8_t methods) {
  char* const text = static_cast<char*>(arena.allocate(kAllowBytesMax, 1));
  if (text == nullptr) return {};
  char* at = text;
  for (uint8_t method = 0; method < 8; ++method) {
    if ((methods >> method & 1) == 0) continue;
    if (at != text) at = std::copy_n(", ", 2, at);
    const std::string_view name = http::to_text(static_cast<Method>(method));
    at = std::copy(name.begin(), name.end(), at);
  }
  assert(static_cast<size_t>(at - text) <= kAllowBytesMax);
  return {text, static_cast<size_t>(at - text)};
}

// No operation with the request's method on that path.
Verdict answer_without_operation(Exchange& x, std::string_view resource) {
  uint8_t methods = methods_on(*x.route.api, resource);
  if (methods == 0) return refuse(x, FaultCode::ResourceNotFound, "no operation has that path");
  if (x.request.method != Method::Options) {
    x.answer.allow = allow_text(x.arena, methods);
    return refuse(x, FaultCode::MethodNotAllowed, "no operation on that path has that method");
  }
  methods = static_cast<uint8_t>(methods | 1U << static_cast<uint8_t>(Method::Options));
  x.answer.allow = allow_text(x.arena, methods);
  x.answer.set = true;
  x.answer.status = 200;
  return Verdict::Answer;
}

}  // namespace

const fbs::Vhost* vhost_of(const Exchange& x, const Settings& settings) {
  if (const fbs::Vhost* vhost = x.image->find_vhost(x.request.host)) return vhost;
  return settings.default_vhost.empty() ? nullptr : x.image->find_vhost(settings.default_vhost);
}

Verdict match(Exchange& x, const Settings& settings) {
  assert(x.image);
  assert(!x.request.target.path.empty());
  if (!find_api(x, settings)) return refuse(x, FaultCode::ApiNotFound, "no context matches");
  const fbs::Api& api = *x.route.api;
  const auto arrived_by = x.client.tls ? fbs::Transport::Https : fbs::Transport::Http;
  if ((api.transports() & arrived_by) == fbs::Transport::NONE) {
    return refuse(x, FaultCode::TransportRefused, "the API is not offered on this transport");
  }
  const std::string_view resource = without_trailing_slashes(x.route.resource);
  x.route.operation = find_operation(api, static_cast<fbs::Method>(x.request.method), resource);
  if (x.route.operation == nullptr) return answer_without_operation(x, resource);
  if (api.lifecycle() == fbs::Lifecycle::Blocked)
    return refuse(x, FaultCode::ApiBlocked, "the API is blocked");
  return Verdict::Next;
}

}  // namespace apim::match
