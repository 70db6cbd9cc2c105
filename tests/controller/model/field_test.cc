// Fields: how leniently each type is read, and how its faults are told.

#include "model/field.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace apim::model {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

TEST(Field, AbsentAndNullGiveTheFallback) {
  FieldReport report(nullptr);
  const Json document = {{"null", nullptr}};
  for (const char* const key : {"null", "absent"}) {
    const Field field = Field(document, report)[key];
    EXPECT_FALSE(field.present());
    EXPECT_EQ(field.text("x"), "x");
    EXPECT_TRUE(field.flag(true));
    EXPECT_EQ(field.number(7, 0, 9), 7U);
    EXPECT_EQ(field.texts({"a"}), std::vector<std::string>{"a"});
    EXPECT_TRUE(field.items().empty());
    EXPECT_FALSE(field["deeper"]["still"].present());
  }
  EXPECT_TRUE(report.findings.empty());
}

TEST(Field, NumbersAndSwitchesMayStandInQuotes) {
  FieldReport report(nullptr);
  const Json document = {
      {"n", "12"}, {"yes", "True"}, {"no", "FALSE"}, {"version", 2}, {"f", "2.5"}};
  const Field root(document, report);
  EXPECT_EQ(root["n"].number(0, 0, 100), 12U);
  EXPECT_TRUE(root["yes"].flag(false));
  EXPECT_FALSE(root["no"].flag(true));
  EXPECT_EQ(root["version"].text(""), "2");
  EXPECT_EQ(root["f"].rounded(0, 100), 3U);
  EXPECT_TRUE(report.findings.empty());
}

std::string told(const Json& value, auto read) {
  FieldReport report(nullptr, "data");
  const Json document = {{"a", {value}}};
  read(Field(document, report)["a"].items()[0]);
  EXPECT_EQ(report.findings.size(), 1U);
  if (report.findings.empty()) return "";
  EXPECT_EQ(report.findings[0].where, "data.a[0]");
  return report.findings[0].message;
}

TEST(Field, FaultsNameTheTypeAndTheBound) {
  EXPECT_THAT(told(Json::array(), [](const Field& f) { f.text(""); }),
              HasSubstr("must be text, not a list"));
  EXPECT_THAT(told(true, [](const Field& f) { f.text(""); }), HasSubstr("put it into quotes"));
  EXPECT_THAT(told("a\nb", [](const Field& f) { f.text(""); }), HasSubstr("control character"));
  EXPECT_THAT(told("abc", [](const Field& f) { f.text("", {.bytes_max = 2}); }),
              HasSubstr("at most 2"));
  EXPECT_THAT(told("", [](const Field& f) { f.text("", {.bytes_min = 1}); }),
              HasSubstr("must not be empty"));
  EXPECT_THAT(told("yes", [](const Field& f) { f.flag(false); }),
              HasSubstr("must be true or false, not 'yes'"));
  EXPECT_THAT(told(-1, [](const Field& f) { f.number(0, 0, 5); }), HasSubstr("not negative"));
  EXPECT_THAT(told(1.5, [](const Field& f) { f.number(0, 0, 5); }), HasSubstr("whole number"));
  EXPECT_THAT(told(6, [](const Field& f) { f.number(0, 0, 5); }),
              HasSubstr("is 6, which is not within 0 to 5"));
  EXPECT_THAT(told("1e999", [](const Field& f) { f.fraction(0, 0, 5); }),
              HasSubstr("must be a number"));
  EXPECT_THAT(told("x", [](const Field& f) { f.items(); }), HasSubstr("must be a list"));
  EXPECT_THAT(told("x", [](const Field& f) { f.members(); }), HasSubstr("must be an object"));
}

TEST(Field, PointersBecomePathsPeopleRead) {
  EXPECT_EQ(dotted(""), "");
  EXPECT_EQ(dotted("/operations/0/verb"), "operations[0].verb");
  EXPECT_EQ(dotted("/paths/~1a~1{b}/get"), "paths./a/{b}.get");
  EXPECT_EQ(dotted("/a~0b"), "a~b");
}

TEST(Field, LongTextIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "\xC3\xA9";
  const std::string cut = shown("x" + text);
  EXPECT_TRUE(cut.ends_with("...'"));
  EXPECT_NO_THROW(Json(cut).dump());
  EXPECT_EQ(one_of({"a", "b", "c"}), "a, b or c");
}

}  // namespace
}  // namespace apim::model
