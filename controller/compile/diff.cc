#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "compile/dump.h"
#include "compile/dump_entry.h"
#include "compile/loaded.h"

namespace apim::compile {
namespace {

using nlohmann::json;
using Change = Difference::Change;
using Place = std::pair<layout::Kind, uint32_t>;

// Things by kind and a name that stays theirs; the text is what is compared.
struct Thing {
  std::string shown;
  std::string content;
};
using Things = std::map<std::pair<std::string, std::string>, Thing>;

std::map<Place, SegmentRef> by_place(const Content& content) {
  std::map<Place, SegmentRef> out;
  for (const SegmentRef& ref : content.segments) out.emplace(Place(ref.kind, ref.shard), ref);
  return out;
}

uint8_t bits_of(const Content& content, layout::Kind kind) {
  for (const ShardBits& bits : content.shard_bits) {
    if (bits.kind == kind) return bits.bits;
  }
  return 0;
}

// Segments of `content` that `other` does not have in the same place; all of a kind that was
// resharded.
Content only_in(const Content& content, const Content& other) {
  const std::map<Place, SegmentRef> there = by_place(other);
  Content out;
  for (const SegmentRef& ref : content.segments) {
    const auto found = there.find({ref.kind, ref.shard});
    const bool is_resharded = bits_of(content, ref.kind) != bits_of(other, ref.kind);
    if (is_resharded || found == there.end() || found->second.digest != ref.digest) {
      out.segments.push_back(ref);
    }
  }
  return out;
}

std::string text_of(const json& row, const char* field) { return row[field].get<std::string>(); }

Things things_in(const json& dumped) {
  Things out;
  for (const json& row : dumped["routes"]) {
    const std::string name = text_of(row, "vhost") + text_of(row, "context");
    out[{"route", name}] = {name, row.dump()};
  }
  for (const json& row : dumped["apis"]) {
    out[{"api", row["id"].dump()}] = {text_of(row, "name") + " " + text_of(row, "version"),
                                      row.dump()};
  }
  for (const json& row : dumped["policies"]) {
    out[{"policy", row["id"].dump()}] = {text_of(row, "level") + " " + text_of(row, "name"),
                                         row.dump()};
  }
  for (const json& row : dumped["applications"]) {
    out[{"application", row["id"].dump()}] = {text_of(row, "name") + " of " + text_of(row, "owner"),
                                              row.dump()};
  }
  for (const json& row : dumped["keys"]) {
    const std::string name = text_of(row, "digest");
    out[{"key", name}] = {name, row.dump()};
  }
  if (!dumped.contains("deny")) return out;
  for (const auto& [list, entries] : dumped["deny"].items()) {
    for (const json& entry : entries) {
      const std::string name = list + " " + entry.get<std::string>();
      out[{"deny", name}] = {name, name};
    }
  }
  return out;
}

void compare_segments(const Content& from, const Content& to, std::vector<Difference>& out) {
  const std::map<Place, SegmentRef> before = by_place(from);
  const std::map<Place, SegmentRef> after = by_place(to);
  for (const auto& [place, ref] : before) {
    if (!after.contains(place)) out.push_back({Change::Removed, "segment", name_of(ref)});
  }
  for (const auto& [place, ref] : after) {
    const auto found = before.find(place);
    if (found == before.end()) {
      out.push_back({Change::Added, "segment", name_of(ref)});
    } else if (found->second.digest != ref.digest) {
      out.push_back({Change::Changed, "segment", name_of(ref)});
    }
  }
}

void compare_things(const Things& before, const Things& after, std::vector<Difference>& out) {
  for (const auto& [name, thing] : before) {
    if (!after.contains(name)) out.push_back({Change::Removed, name.first, thing.shown});
  }
  for (const auto& [name, thing] : after) {
    const auto found = before.find(name);
    if (found == before.end()) {
      out.push_back({Change::Added, name.first, thing.shown});
    } else if (found->second.content != thing.content) {
      out.push_back({Change::Changed, name.first, thing.shown});
    }
  }
}

}  // namespace

std::expected<std::vector<Difference>, std::string> diff(const Content& from, const Content& to,
                                                         const SegmentReader& read) {
  const auto before = dump(only_in(from, to), read);
  if (!before.has_value()) return std::unexpected(before.error());
  const auto after = dump(only_in(to, from), read);
  if (!after.has_value()) return std::unexpected(after.error());
  std::vector<Difference> out;
  compare_segments(from, to, out);
  compare_things(things_in(*before), things_in(*after), out);
  std::ranges::stable_sort(out, {}, [](const Difference& difference) {
    return std::tie(difference.kind, difference.name);
  });
  return out;
}

}  // namespace apim::compile
