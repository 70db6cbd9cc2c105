// Passage: one exchange under way, between its client's connection and its backend's.
//
// Lives in a pool slot of its worker. Whatever happens, it ends in end(), once:
// finish() is called, the image is unpinned, the arena emptied, the slot free.
//
//   client ── ServerConnection ──> Passage ──> Leg ── ClientConnection ──> backend
//          <── head, body ───────         <─────── head, body ───────────

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gate/context.h"
#include "gate/finish.h"
#include "gate/proceed.h"
#include "http/server.h"
#include "upstream/forward.h"

namespace apim::gate {

class Passages;

// What a client that is turned away for want of memory is told to wait.
inline constexpr uint64_t kShedRetryS = 5;

class Passage final : public http::Visit, private upstream::LegOwner {
 public:
  Passage(Context& context, Passages& home) : context_(context), home_(home) {}
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  // A new request on `connection`. Precondition: fresh or ended.
  void begin(http::ServerConnection& connection);

 private:
  // ---- from the client's side
  Arena& arena() override { return x_.arena; }
  http::RequestHead& head() override { return x_.request; }
  void on_request() override;
  void on_body(std::string_view bytes) override;
  void on_body_end() override;
  void on_refused(const Fault& why) override;
  void on_gone(const Fault& why) override;
  void on_room() override;

  // ---- from the backend's side
  void on_forwarded() override;
  void on_response(http::ResponseHead& head) override;
  void on_response_body(std::string_view bytes) override;
  void on_response_end() override;
  void on_leg_failed(const Fault& why) override;
  void on_request_room() override;

  void greet();
  void shed();
  void send_answer();
  void end(const Ending& ending);
  void empty();

  Context& context_;
  Passages& home_;
  http::ServerConnection* connection_ = nullptr;
  Exchange x_;
  upstream::Leg leg_;
  Step step_ = Step::Match;
  uint16_t status_ = 0;  // Of the response's head once it is sent; 0 before.
  bool sends_body_ = false;
};

// The slots of one worker.
class Passages {
 public:
  static constexpr size_t kIdleMax = 1024;  // Slots kept for the next requests.

  explicit Passages(Context& context) : context_(context) {}
  Passages(const Passages&) = delete;
  Passages& operator=(const Passages&) = delete;
  ~Passages();

  Passage& open(http::ServerConnection& connection);
  void give_back(Passage& passage);
  // Gives up the kept slots: memory is short.
  void drop_idle();

 private:
  Context& context_;
  std::vector<std::unique_ptr<Passage>> idle_;
  size_t running_count_ = 0;
};

}  // namespace apim::gate
