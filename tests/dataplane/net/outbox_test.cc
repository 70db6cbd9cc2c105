// What the outbox promises: what one event says to a stream arrives in order and in one piece.

#include "net/outbox.h"

#include <gtest/gtest.h>

#include "net/stream.h"
#include "support_loop.h"

namespace apim::net {
namespace {

// Writes down each write().
class Paper final : public Stream {
 public:
  explicit Paper(Loop& loop) : loop_(loop) {}
  ~Paper() override = default;
  void write(std::span<const uv_buf_t> parts) override {
    for (const uv_buf_t& part : parts) text.append(part.base, part.len);
    text += "|";
  }
  size_t queued_bytes() const override { return queued; }
  bool has_unread() const override { return false; }
  void read_start() override {}
  void read_stop() override {}
  void shutdown() override {}
  void leave() override { loop_.outbox().forget(*this); }
  void reset() override { leave(); }
  Loop& loop() override { return loop_; }
  std::string text;
  size_t queued = 0;

 private:
  Loop& loop_;
};

TEST(Outbox, OneEventIsOneWrite) {
  Loop loop;
  Paper paper(loop);
  paper.put("head");
  paper.put("");
  std::string dying = "copy";
  paper.put_copy(dying);
  dying = "gone";
  paper.put("body");
  EXPECT_EQ(paper.text, "");
  loop.outbox().flush();
  loop.outbox().flush();
  EXPECT_EQ(paper.text, "headcopybody|");
  run_out(loop);
}

TEST(Outbox, AnotherStreamComesAfterTheFirst) {
  Loop loop;
  Paper first(loop), second(loop);
  first.put("a");
  second.put("b");
  EXPECT_EQ(first.text, "a|");
  first.put("c");
  EXPECT_EQ(second.text, "b|");
  first.leave();
  loop.outbox().flush();
  EXPECT_EQ(first.text, "a|");  // What was meant for it left with it.
  run_out(loop);
}

TEST(Outbox, MoreThanFitsKeepsItsOrder) {
  Loop loop;
  Paper paper(loop);
  std::string expected;
  const std::string block(700, 'x');
  for (size_t i = 0; i < 5 * Outbox::kPartsMax; ++i) {
    const std::string piece = std::to_string(i) + block;
    paper.put_copy(piece);
    expected += piece;
  }
  loop.outbox().flush();
  std::erase(paper.text, '|');
  EXPECT_EQ(paper.text, expected);
  run_out(loop);
}

TEST(Outbox, CongestionHoldsUntilItIsTold) {
  Loop loop;
  Paper paper(loop);
  EXPECT_FALSE(paper.is_congested());
  paper.queued = Stream::kHighBytes + 1;
  EXPECT_TRUE(paper.is_congested());
  paper.queued = 0;
  EXPECT_TRUE(paper.is_congested());  // Until on_drained().
  run_out(loop);
}

}  // namespace
}  // namespace apim::net
