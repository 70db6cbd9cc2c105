#include "import/tree_builder.h"

#include <fmt/format.h>

#include <cassert>

namespace apim::import {

std::string TreeBuilder::place_of_next() const {
  if (open_.empty()) return "";
  const Frame& frame = open_.back();
  const std::string part =
      frame.is_map ? escape_pointer(frame.key) : std::to_string(frame.value.size());
  return pointer_.substr(0, frame.pointer_bytes) + "/" + part;
}

void TreeBuilder::count(size_t nodes, size_t bytes, uint32_t line) {
  nodes_ += nodes;
  bytes_ += bytes;
  if (nodes_ > bounds_.nodes_max || bytes_ > bounds_.text_bytes_max) {
    throw TreeFault(line,
                    fmt::format("the document has more than {} values or {} bytes of text once its "
                                "aliases are expanded",
                                bounds_.nodes_max, bounds_.text_bytes_max));
  }
}

void TreeBuilder::begin(bool is_map, uint32_t line, size_t anchor) {
  if (wants_key()) throw TreeFault(line, "a name of a member must be text");
  if (open_.size() >= bounds_.depth_max) {
    throw TreeFault(line,
                    fmt::format("the document nests deeper than {} levels", bounds_.depth_max));
  }
  Frame frame;
  frame.value = is_map ? nlohmann::ordered_json::object() : nlohmann::ordered_json::array();
  frame.is_map = is_map;
  frame.anchor = anchor;
  frame.line = line;
  frame.nodes_before = nodes_;
  frame.bytes_before = bytes_;
  const std::string place = place_of_next();
  tree_.lines.try_emplace(place, line);  // a member's line is its name's
  pointer_ = place;
  frame.pointer_bytes = place.size();
  count(1, 0, line);
  open_.push_back(std::move(frame));
}

void TreeBuilder::end() {
  assert(!open_.empty());
  Frame frame = std::move(open_.back());
  open_.pop_back();
  remember(frame.anchor, frame.value, nodes_ - frame.nodes_before, bytes_ - frame.bytes_before,
           frame.line);
  store(std::move(frame.value), frame.line);
}

void TreeBuilder::key(const std::string& key, uint32_t line) {
  assert(wants_key());
  Frame& frame = open_.back();
  if (!frame.keys.insert(key).second) {
    throw TreeFault(line, fmt::format("'{}' stands here for the second time", key.substr(0, 100)));
  }
  frame.key = key;
  frame.has_key = true;
  count(0, key.size(), line);
  tree_.lines[place_of_next()] = line;
}

void TreeBuilder::scalar(nlohmann::ordered_json value, uint32_t line, size_t anchor) {
  const size_t bytes = value.is_string() ? value.get_ref<const std::string&>().size() : 0;
  count(1, bytes, line);
  remember(anchor, value, 1, bytes, line);
  store(std::move(value), line);
}

void TreeBuilder::spell(const std::string& text) { tree_.spelling[place_of_next()] = text; }

void TreeBuilder::alias(size_t anchor, uint32_t line) {
  if (wants_key()) throw TreeFault(line, "a name of a member cannot be an alias");
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) throw TreeFault(line, "an alias stands inside of what it names");
  count(found->second.nodes, found->second.bytes, line);
  store(found->second.value, line);
}

void TreeBuilder::remember(size_t anchor, const nlohmann::ordered_json& value, size_t nodes,
                           size_t bytes, uint32_t line) {
  if (anchor == 0) return;
  count(nodes, bytes, line);  // the copy below is memory, too
  anchors_[anchor] = {value, nodes, bytes};
}

void TreeBuilder::store(nlohmann::ordered_json value, uint32_t line) {
  tree_.lines.try_emplace(place_of_next(), line);
  if (open_.empty()) {
    tree_.value = std::move(value);
    return;
  }
  Frame& frame = open_.back();
  if (frame.is_map) {
    assert(frame.has_key);
    // Not operator[]: it looks through all members first.
    frame.value.get_ref<nlohmann::ordered_json::object_t&>().emplace_back(frame.key,
                                                                          std::move(value));
    frame.has_key = false;
  } else {
    frame.value.push_back(std::move(value));
  }
}

}  // namespace apim::import
