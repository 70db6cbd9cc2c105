// apimctl: the command line of the controller; speaks REST only, but for `why`, which asks a
// gateway.

#include <unistd.h>

#include <cstring>
#include <iostream>

#include "cli/app.h"

extern char** environ;

int main(int argc, char** argv) {
  apim::cli::Context context;
  context.output.out = &std::cout;
  context.output.err = &std::cerr;
  context.output.out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  context.output.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
  context.in = &std::cin;
  context.in_is_terminal = ::isatty(STDIN_FILENO) == 1;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const char* equals = std::strchr(*entry, '=');
    if (equals != nullptr)
      context.variables.emplace(std::string(*entry, static_cast<size_t>(equals - *entry)),
                                equals + 1);
  }
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return static_cast<int>(apim::cli::run(context, arguments));
}
