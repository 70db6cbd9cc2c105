// Projects for the tests of this room: small ones that are right, to break one thing at a time.

#pragma once

#include <gmock/gmock.h>

#include <string>

#include "import/files.h"
#include "model/problem.h"

namespace apim::import {

// name Tea, context /tea, version 1.0.0; GET /cups and GET /cups/{id}.
std::string tea_api();
std::string tea_definition();
Files tea_project();

// `text` with the first `before` replaced. Fails the test when there is none.
std::string with(std::string text, const std::string& before, const std::string& after);

// What people see of a refusal: message, description, one line a finding.
std::string told(const model::Problem& problem);

std::string read_test_file(const std::string& path);

}  // namespace apim::import
