// WSO2's lifecycle.

#include "model/lifecycle.h"

#include <gtest/gtest.h>

namespace apim::model {
namespace {

using Events = std::vector<std::string>;
using enum Lifecycle;

Events events_from(Lifecycle state) {
  Events events;
  for (const Transition& step : transitions_from(state)) events.push_back(step.event);
  return events;
}

TEST(LifecycleTable, EachStateOffersWhatWso2Offers) {
  EXPECT_EQ(events_from(Created), (Events{"Publish", "Deploy as a Prototype"}));
  EXPECT_EQ(events_from(Prototyped),
            (Events{"Publish", "Demote to Created", "Deploy as a Prototype"}));
  EXPECT_EQ(events_from(Published), (Events{"Block", "Deploy as a Prototype", "Demote to Created",
                                            "Deprecate", "Publish"}));
  EXPECT_EQ(events_from(Blocked), (Events{"Deprecate", "Re-Publish"}));
  EXPECT_EQ(events_from(Deprecated), Events{"Retire"});
  EXPECT_EQ(events_from(Retired), Events{});
}

TEST(LifecycleTable, AnEventLeadsWhereItSaysOrNowhere) {
  EXPECT_EQ(after(Created, "Publish"), Published);
  EXPECT_EQ(after(Blocked, "Re-Publish"), Published);
  EXPECT_EQ(after(Blocked, "Publish"), std::nullopt);
  EXPECT_EQ(after(Created, "Retire"), std::nullopt);
  EXPECT_EQ(after(Created, "publish"), std::nullopt);
  EXPECT_EQ(after(Retired, ""), std::nullopt);
}

TEST(LifecycleWay, WalksTheFewestEvents) {
  EXPECT_EQ(way(Created, Created), Events{});
  EXPECT_EQ(way(Created, Blocked), (Events{"Publish", "Block"}));
  EXPECT_EQ(way(Created, Deprecated), (Events{"Publish", "Deprecate"}));
  EXPECT_EQ(way(Created, Retired), (Events{"Publish", "Deprecate", "Retire"}));
  EXPECT_EQ(way(Blocked, Created), (Events{"Re-Publish", "Demote to Created"}));
}

TEST(LifecycleWay, ThereIsNoWayBackFromDeprecation) {
  EXPECT_EQ(way(Deprecated, Published), std::nullopt);
  EXPECT_EQ(way(Retired, Deprecated), std::nullopt);
}

TEST(LifecycleWay, EveryWayArrives) {
  for (const Lifecycle from : {Created, Prototyped, Published, Blocked, Deprecated, Retired}) {
    for (const Lifecycle to : {Created, Prototyped, Published, Blocked, Deprecated, Retired}) {
      const auto events = way(from, to);
      if (!events) continue;
      Lifecycle state = from;
      for (const std::string& event : *events) state = after(state, event).value();
      EXPECT_EQ(state, to);
    }
  }
}

}  // namespace
}  // namespace apim::model
