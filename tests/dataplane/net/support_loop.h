// Loop under test: a loop on the test's own thread, run until a condition holds.

#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "net/loop.h"
#include "net/stream.h"
#include "support/sockets.h"

namespace apim::net {

// Runs turns until `done`; fails after ten seconds.
inline void run_until(Loop& loop, const std::function<bool()>& done) {
  const uint64_t until_ns = uv_hrtime() + uint64_t{test::kPatienceMs} * 1'000'000;
  uv_timer_t tick;  // So that a turn never sleeps for long.
  uv_timer_init(loop.uv(), &tick);
  uv_timer_start(
      &tick, [](uv_timer_t*) {}, 1, 1);
  bool is_done = done();
  for (; !is_done && uv_hrtime() < until_ns; is_done = done()) uv_run(loop.uv(), UV_RUN_ONCE);
  EXPECT_TRUE(is_done);
  uv_timer_stop(&tick);
  bool is_closed = false;
  tick.data = &is_closed;
  uv_close(reinterpret_cast<uv_handle_t*>(&tick),
           [](uv_handle_t* handle) { *static_cast<bool*>(handle->data) = true; });
  while (!is_closed) uv_run(loop.uv(), UV_RUN_NOWAIT);
}

// Lets everything go; every resident has left.
inline void run_out(Loop& loop) {
  loop.stop();
  loop.run();
}

// Writes down what a stream says.
class Recorder : public StreamOwner {
 public:
  void on_connected() override { is_connected = true; }
  void on_bytes(std::string_view bytes) override { text += bytes; }
  void on_end() override { has_ended = true; }
  void on_broken(int code) override { error = code; }
  void on_drained() override { ++drained_count; }
  void on_shut() override { is_shut = true; }

  std::string text;
  bool is_connected = false;
  bool has_ended = false;
  bool is_shut = false;
  int error = 0;
  int drained_count = 0;
};

inline uv_buf_t part_of(const std::string& text) {
  return uv_buf_init(const_cast<char*>(text.data()), static_cast<unsigned>(text.size()));
}

}  // namespace apim::net
