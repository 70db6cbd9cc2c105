// TreeBuilder: events of a YAML or JSON reader -> a Tree, within bounds. Throws TreeFault; only
// tree.cc catches it.

#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "import/tree.h"

namespace apim::import {

// Unwinds the reader that is in the way. Never leaves tree.cc.
struct TreeFault : std::exception {
  TreeFault(uint32_t line_number, std::string text) : line(line_number), message(std::move(text)) {}
  const char* what() const noexcept override { return message.c_str(); }
  uint32_t line;
  std::string message;
};

class TreeBuilder {
 public:
  TreeBuilder(Tree& tree, const TreeBounds& bounds) : tree_(tree), bounds_(bounds) {}

  // `anchor` 0: none.
  void begin(bool is_map, uint32_t line, size_t anchor);
  void end();
  void key(const std::string& key, uint32_t line);
  void scalar(nlohmann::ordered_json value, uint32_t line, size_t anchor);
  void alias(size_t anchor, uint32_t line);
  // Remembers how the next scalar was written.
  void spell(const std::string& text);

  // Whether the next scalar is a member's name.
  bool wants_key() const { return !open_.empty() && open_.back().is_map && !open_.back().has_key; }

 private:
  struct Frame {
    nlohmann::ordered_json value;
    bool is_map = false;
    bool has_key = false;
    std::string key;
    std::set<std::string> keys;
    size_t pointer_bytes = 0;  // of pointer_ at this frame's own place
    size_t anchor = 0;
    uint32_t line = 0;
    size_t nodes_before = 0;
    size_t bytes_before = 0;
  };
  struct Anchored {
    nlohmann::ordered_json value;
    size_t nodes = 0;
    size_t bytes = 0;
  };

  std::string place_of_next() const;
  void count(size_t nodes, size_t bytes, uint32_t line);
  void store(nlohmann::ordered_json value, uint32_t line);
  void remember(size_t anchor, const nlohmann::ordered_json& value, size_t nodes, size_t bytes,
                uint32_t line);

  Tree& tree_;
  const TreeBounds& bounds_;
  std::vector<Frame> open_;
  std::string pointer_;
  std::map<size_t, Anchored> anchors_;
  size_t nodes_ = 0;
  size_t bytes_ = 0;
};

}  // namespace apim::import
