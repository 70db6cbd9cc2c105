// Outcome: what a command of apimctl ends with, and the exit code that stands for it.

#pragma once

#include <expected>
#include <string>
#include <utility>

namespace apim::cli {

enum class Exit : int { Done = 0, Refused = 1, Usage = 2, Unreachable = 3 };

// `message` says what was wrong and where; `advice` what to do about it, or "".
struct Failure {
  Exit exit = Exit::Refused;
  std::string message;
  std::string advice;
};

template <class T>
using Outcome = std::expected<T, Failure>;

inline std::unexpected<Failure> fail(Exit exit, std::string message, std::string advice = "") {
  return std::unexpected(Failure{exit, std::move(message), std::move(advice)});
}

#define APIM_CLI_JOIN_(a, b) a##b
#define APIM_CLI_JOIN(a, b) APIM_CLI_JOIN_(a, b)
#define ASSIGN_OR_FAIL(declaration, expression) \
  ASSIGN_OR_FAIL_(declaration, expression, APIM_CLI_JOIN(outcome_of_line_, __LINE__))
#define ASSIGN_OR_FAIL_(declaration, expression, outcome)                       \
  auto outcome = (expression);                                                  \
  if (!outcome.has_value()) return std::unexpected(std::move(outcome.error())); \
  declaration = std::move(*outcome)
#define CHECK_OR_FAIL(expression)                            \
  do {                                                       \
    if (auto checked_ = (expression); !checked_.has_value()) \
      return std::unexpected(std::move(checked_.error()));   \
  } while (false)

}  // namespace apim::cli
