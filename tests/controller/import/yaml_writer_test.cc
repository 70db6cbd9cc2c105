// YAML as it is written: read again it is the same value.

#include "import/yaml_writer.h"

#include <gtest/gtest.h>

#include <random>

#include "controller/import/support_project.h"
#include "import/tree.h"

namespace apim::import {
namespace {

using Json = nlohmann::ordered_json;

Json random_value(std::minstd_rand& random, int depth) {
  static const std::vector<std::string> texts = {"",
                                                 "plain",
                                                 "true",
                                                 "No",
                                                 "~",
                                                 "12",
                                                 "1.5",
                                                 "-",
                                                 "- a",
                                                 "a: b",
                                                 "a:",
                                                 ":a",
                                                 "a #b",
                                                 "#a",
                                                 "'q'",
                                                 "\"q\"",
                                                 "a\nb\n",
                                                 " lead",
                                                 "trail ",
                                                 "\xC3\xA9",
                                                 "\xF0\x9F\x98\x80",
                                                 "/path/{id}",
                                                 "{x",
                                                 "[y",
                                                 "*",
                                                 "&",
                                                 "!tag",
                                                 "%",
                                                 "@",
                                                 "`",
                                                 "a\tb",
                                                 "null",
                                                 "0x1F",
                                                 "2024-01-01",
                                                 "\x7f",
                                                 "\xC2\x85",
                                                 "\xE2\x80\xA8",
                                                 "---",
                                                 "...",
                                                 "a, b",
                                                 "?",
                                                 "? a",
                                                 "|",
                                                 ">",
                                                 "=",
                                                 "<<"};
  switch (depth == 0 ? 2 + random() % 5 : random() % 7) {
    case 0: {
      Json object = Json::object();
      for (auto i = random() % 4; i > 0; --i)
        object[texts[random() % texts.size()] + "k"] = random_value(random, depth - 1);
      return object;
    }
    case 1: {
      Json array = Json::array();
      for (auto i = random() % 4; i > 0; --i) array.push_back(random_value(random, depth - 1));
      return array;
    }
    case 2: return nullptr;
    case 3: return random() % 2 == 0;
    case 4: return static_cast<int64_t>(random()) - 1'000'000'000;
    case 5: return static_cast<double>(random() % 1000) / 8;
    default: return texts[random() % texts.size()];
  }
}

TEST(YamlWriter, WhatIsWrittenIsReadAgain) {
  for (uint32_t seed = 1; seed <= 1000; ++seed) {
    std::minstd_rand random(seed);
    const Json value = {{"root", random_value(random, 5)}};
    const std::string text = write_yaml(value);
    const auto tree = read_tree(text, "f.yaml");
    ASSERT_TRUE(tree.has_value()) << text << told(tree.error());
    ASSERT_EQ(tree->value, value) << text;
  }
}

// Readers search for the ':' of a key in 1,024 characters and no more.
TEST(YamlWriter, KeysOfAnyLengthAreReadAgain) {
  for (const size_t bytes : {999U, 1000U, 1024U, 1025U, 5000U}) {
    const std::string key(bytes, '!');
    const Json values = {1, "a: b", Json::array(), {{"x", 1}}, {1, {2, 3}}};
    for (const Json& held : values) {
      const Json inner = {{key, held}, {"next", Json::array({Json{{key, held}, {"z", held}}})}};
      const Json value = {{"root", inner}, {key + "k", inner}};
      const std::string text = write_yaml(value);
      const auto tree = read_tree(text, "f.yaml");
      ASSERT_TRUE(tree.has_value()) << text << told(tree.error());
      ASSERT_EQ(tree->value, value) << text;
    }
  }
}

TEST(YamlWriter, WritesWhatPeopleWouldWrite) {
  const Json value = {
      {"name", "Tea"},
      {"on", true},
      {"list", {"a", Json{{"x", 1}, {"y", Json::array()}}, Json::array({Json::array({1, 2})})}}};
  EXPECT_EQ(write_yaml(value),
            "name: Tea\n\"on\": true\nlist:\n- a\n- x: 1\n  \"y\": []\n- - - 1\n    - 2\n");
  EXPECT_EQ(write_yaml(Json::object()), "{}\n");
}

}  // namespace
}  // namespace apim::import
