// Tree: a YAML or JSON text as one value, with the line of every place in it.
//
// The libraries' exceptions stay in here. Bounded: bytes, nodes, depth, what aliases may expand to.
// Refused with file and line: duplicate keys, anything but UTF-8, several documents, merge keys.
//
// Plain YAML scalars are typed as API Manager's importer does it: true/false, null, decimal
// numbers; yes, no, on, off, 0x1F, 007, 1_000 and dates stay text. Whatever stands in quotes is
// text.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "model/api_codec.h"
#include "model/problem.h"

namespace apim::import {

struct Tree {
  std::string file;                             // for messages
  nlohmann::ordered_json value;                 // members in the order of the text
  std::map<std::string, uint32_t> lines;        // JSON pointer -> line, from 1
  std::map<std::string, std::string> spelling;  // "1.10" of numbers that would be written otherwise

  // Line of the place, or of the nearest one around it.
  uint32_t line_of(std::string pointer) const;
  // "api.yaml:14: "
  std::string locate(const std::string& pointer) const;
  // Turns every number of `spelling` back into its text: versions are not numbers.
  void restore_spelling();
};

struct TreeBounds {
  size_t bytes_max = size_t{8} << 20;
  size_t nodes_max = 500'000;                // aliases count as what they stand for
  size_t text_bytes_max = size_t{32} << 20;  // of all scalars, aliases expanded
  size_t depth_max = 64;
};

enum class Syntax : uint8_t { Yaml, Json };

// By the name's ending; else JSON when the text begins with '{'.
Syntax syntax_of(const std::string& file, std::string_view text);

model::Result<Tree> read_tree(std::string_view text, const std::string& file, Syntax syntax,
                              const TreeBounds& bounds = {});
model::Result<Tree> read_tree(std::string_view text, const std::string& file);

// A finding at a line of a file, as a refusal of its own.
model::Problem unreadable(const std::string& file, uint32_t line, const std::string& message);

// Locates places of an API document in the file it came from, and those that params replaced in
// theirs.
class TreeLocator : public model::Locator {
 public:
  // `root` is where the document stands in the tree: "/data".
  TreeLocator(const Tree& tree, std::string root) : tree_(&tree), root_(std::move(root)) {}

  // The place `pointer` and all below it came from `source` at `source_pointer` and below. `source`
  // must live as long as the locator.
  void replace(const std::string& pointer, const Tree& source, const std::string& source_pointer);
  std::string locate(const std::string& pointer) const override;

 private:
  const Tree* tree_;
  std::string root_;
  struct Origin {
    const Tree* tree;
    std::string pointer;
  };
  std::map<std::string, Origin> replaced_;
};

// "a/b" -> "a~1b", as a pointer's part.
std::string escape_pointer(const std::string& key);

}  // namespace apim::import
