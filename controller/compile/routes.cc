#include "compile/routes.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "compile/text.h"
#include "routes_generated.h"
#include "schemas/layout.h"

namespace apim::compile {
namespace {

constexpr size_t kContextBytesMax = 1'024;
constexpr size_t kDepthMax = 63;

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == ':' || c == '[' || c == ']';
  });
}

// Path segments of a context; the root has none.
size_t depth_of(std::string_view text) {
  if (text == "/") return 0;
  return static_cast<size_t>(std::ranges::count(text, '/'));
}

std::expected<std::string, std::string> route_text(const std::string& context) {
  if (context.find_first_of("{}*") != std::string::npos) {
    return std::unexpected("has '{', '}' or '*'; only {version} may stand in a context template");
  }
  auto path = canonical_path(context);
  if (!path.has_value()) return path;
  if (path->size() > kContextBytesMax) {
    return std::unexpected(fmt::format("is longer than {} bytes", kContextBytesMax));
  }
  if (depth_of(*path) > kDepthMax) {
    return std::unexpected(fmt::format("has more than {} segments", kDepthMax));
  }
  return path;
}

// The context itself is part of throttle keys and logs: one spelling only.
void check_spelling(const model::Api& api, std::vector<Finding>& findings) {
  const auto text = route_text(api.context);
  if (!text.has_value() || *text == api.context) return;
  findings.push_back({"context", fmt::format("'{}' has to be written '{}'", api.context, *text)});
}

// A context on a vhost.
using ContextPlace = std::pair<std::string_view, std::string_view>;

struct ContextPlaceHash {
  size_t operator()(const ContextPlace& place) const {
    return layout::hash_bytes(place.second, layout::hash_bytes(place.first));
  }
};

// One entry of a vhost before its text has a place.
struct Entry {
  uint64_t hash = 0;
  std::string_view text;
  uint32_t api = 0;
  bool is_default_version = false;
};

flatbuffers::Offset<fbs::Vhost> write_vhost(flatbuffers::FlatBufferBuilder& builder,
                                            const std::string& host, std::vector<Entry>& entries) {
  std::ranges::sort(entries, {}, [](const Entry& e) { return std::tuple(e.hash, e.text); });
  const uint32_t buckets = layout::bucket_count_for(entries.size());
  std::vector<uint32_t> index(buckets + 1, 0);
  std::vector<fbs::RouteEntry> written;
  std::string texts;
  uint64_t depths = 0;
  for (const Entry& entry : entries) {
    const auto depth = static_cast<uint8_t>(depth_of(entry.text));
    ++index[layout::bucket_of(entry.hash, buckets) + 1];
    depths |= uint64_t{1} << depth;
    written.emplace_back(entry.hash, entry.api, static_cast<uint32_t>(texts.size()),
                         static_cast<uint16_t>(entry.text.size()), depth, entry.is_default_version);
    texts += entry.text;
  }
  for (uint32_t b = 0; b < buckets; ++b) index[b + 1] += index[b];
  const auto text_bytes =
      builder.CreateVector(reinterpret_cast<const uint8_t*>(texts.data()), texts.size());
  // One after the other: compilers evaluate arguments in orders of their own, and bytes must not
  // depend on that.
  const auto entry_list = builder.CreateVectorOfStructs(written);
  const auto bucket_index = builder.CreateVector(index);
  const auto name = builder.CreateString(host);
  return fbs::CreateVhost(builder, name, depths, bucket_index, entry_list, text_bytes);
}

}  // namespace

std::string default_context(const model::Api& api) {
  std::string text = api.context_template.empty() ? api.context : api.context_template;
  const std::string mark = "/{version}";
  if (const size_t at = text.find(mark); at != std::string::npos) {
    text.erase(at, mark.size());
  } else if (text.ends_with("/" + api.version)) {
    text.resize(text.size() - api.version.size() - 1);
  }
  return text.empty() ? "/" : text;
}

std::vector<Claim> lower_claims(const model::DeployedApi& deployed,
                                std::vector<Finding>& findings) {
  std::vector<std::pair<std::string, bool>> texts;
  const auto add = [&](const std::string& context, bool is_default) {
    auto text = route_text(context);
    if (text.has_value()) {
      texts.emplace_back(std::move(*text), is_default);
    } else {
      findings.push_back({"context", fmt::format("'{}' {}", context, text.error())});
    }
  };
  add(deployed.api.context, false);
  check_spelling(deployed.api, findings);
  if (deployed.api.is_default_version) add(default_context(deployed.api), true);
  if (deployed.vhosts.empty()) findings.push_back({"vhost", "the deployment names no vhost"});

  std::vector<Claim> claims;
  for (const std::string& vhost : deployed.vhosts) {
    const std::string host = to_lower(vhost);
    if (!is_host(host)) findings.push_back({"vhost", fmt::format("'{}' is not a host", vhost)});
    for (const auto& [text, is_default] : texts) claims.push_back({host, text, is_default});
  }
  // A template without {version} whose default context is the context itself needs one entry only.
  std::ranges::sort(claims);
  const auto repeated = std::ranges::unique(claims, [](const Claim& a, const Claim& b) {
    return a.vhost == b.vhost && a.text == b.text;
  });
  claims.erase(repeated.begin(), repeated.end());
  return claims;
}

std::map<uint32_t, std::vector<Finding>> conflicts(const Claimants& claimants) {
  std::unordered_map<ContextPlace, uint32_t, ContextPlaceHash> taken;
  taken.reserve(claimants.size());
  std::map<uint32_t, std::vector<Finding>> losers;
  for (const auto& [id, claimant] : claimants) {
    std::vector<Finding> findings;
    for (const Claim& claim : *claimant.claims) {
      const auto found = taken.find({claim.vhost, claim.text});
      if (found == taken.end()) continue;
      findings.push_back(
          {"context", fmt::format("'{}' on vhost '{}' is already taken by API '{}'", claim.text,
                                  claim.vhost, *claimants.at(found->second).api)});
    }
    if (!findings.empty()) {
      losers.emplace(id, std::move(findings));
      continue;
    }
    for (const Claim& claim : *claimant.claims) taken[{claim.vhost, claim.text}] = id;
  }
  return losers;
}

std::string build_routes(const Claimants& claimants) {
  std::map<std::string, std::vector<Entry>> vhosts;
  for (const auto& [id, claimant] : claimants) {
    for (const Claim& claim : *claimant.claims) {
      vhosts[claim.vhost].push_back({.hash = layout::hash_bytes(claim.text),
                                     .text = claim.text,
                                     .api = id,
                                     .is_default_version = claim.is_default_version});
    }
  }
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<fbs::Vhost>> written;
  for (auto& [host, entries] : vhosts) written.push_back(write_vhost(builder, host, entries));
  fbs::FinishRoutesBuffer(builder, fbs::CreateRoutes(builder, builder.CreateVector(written)));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace apim::compile
