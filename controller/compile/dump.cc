#include "compile/dump.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "compile/dump_entry.h"
#include "compile/loaded.h"

namespace apim::compile {
namespace {

using nlohmann::json;

json dump_routes(const fbs::Routes& routes) {
  json out = json::array();
  for (const fbs::Vhost* vhost : *routes.vhosts()) {
    const auto* const texts = reinterpret_cast<const char*>(vhost->texts()->data());
    for (const fbs::RouteEntry* entry : *vhost->entries()) {
      json row{{"vhost", vhost->host()->str()},
               {"context", std::string(texts + entry->text_offset(), entry->text_length())},
               {"api", entry->api()}};
      if (entry->is_default_version()) row["defaultVersion"] = true;
      out.push_back(std::move(row));
    }
  }
  std::sort(out.begin(), out.end(), [](const json& a, const json& b) {
    return std::tie(a["vhost"], a["context"]) < std::tie(b["vhost"], b["context"]);
  });
  return out;
}

// Appends what a segment holds to the lists of the whole snapshot.
void collect(const SegmentRef& ref, const uint8_t* bytes, json& out) {
  switch (ref.kind) {
    case layout::Kind::Routes: out["routes"] = dump_routes(*fbs::GetRoutes(bytes)); break;
    case layout::Kind::Apis:
      for (const fbs::Api* api : *fbs::GetApis(bytes)->apis())
        out["apis"].push_back(dump_api(*api));
      break;
    case layout::Kind::Limits: {
      const fbs::Limits* limits = fbs::GetLimits(bytes);
      for (const fbs::ThrottlePolicy* policy : *limits->policies()) {
        out["policies"].push_back(dump_policy(*policy));
      }
      out["deny"] = dump_deny(*limits->deny());
      break;
    }
    case layout::Kind::Consumers:
      for (const fbs::Application* application : *fbs::GetConsumers(bytes)->applications()) {
        out["applications"].push_back(dump_application(*application));
      }
      break;
    case layout::Kind::Keys: {
      const fbs::Keys* keys = fbs::GetKeys(bytes);
      for (const fbs::KeyEntry* entry : *keys->entries()) {
        out["keys"].push_back(dump_key(*entry, *keys));
      }
      break;
    }
    case layout::Kind::Manifest:
    case layout::Kind::Trust:
    case layout::Kind::Revoked: break;
  }
}

bool is_short(const json& value) { return value.is_primitive() || value.dump().size() <= 72; }

// One line per leaf and per short list; objects and long lists indent.
void append_text(const json& value, const std::string& indent, std::string& out) {
  const auto append = [&](const std::string& label, const json& child) {
    if (is_short(child)) {
      out += fmt::format("{}{} {}\n", indent, label,
                         child.is_string() ? child.get<std::string>() : child.dump());
      return;
    }
    out += fmt::format("{}{}\n", indent, label);
    append_text(child, indent + "  ", out);
  };
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) append(key + ":", child);
  } else {
    for (const json& child : value) append("-", child);
  }
}

}  // namespace

std::expected<json, std::string> dump(const Content& content, const SegmentReader& read) {
  json out;
  for (const char* list : {"routes", "apis", "policies", "applications", "keys"}) {
    out[list] = json::array();
  }
  for (const SegmentRef& ref : content.segments) {
    const auto loaded = Loaded::load(ref, read);
    if (!loaded.has_value()) return std::unexpected(loaded.error());
    collect(ref, loaded->bytes(), out);
  }
  for (const char* list : {"apis", "applications"}) {
    std::sort(out[list].begin(), out[list].end(),
              [](const json& a, const json& b) { return a["id"] < b["id"]; });
  }
  return out;
}

std::string to_text(const json& dumped) {
  std::string out;
  append_text(dumped, "", out);
  return out;
}

std::vector<std::string> verify_segments(const Content& content, const SegmentReader& read) {
  std::vector<std::string> wrong;
  for (const SegmentRef& ref : content.segments) {
    const auto loaded = Loaded::load(ref, read);
    if (!loaded.has_value()) wrong.push_back(loaded.error());
  }
  return wrong;
}

}  // namespace apim::compile
