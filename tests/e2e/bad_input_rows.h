// The rows of bad_input_test.cc: what is sent, the code, a part of the message, the field.
#ifndef POLYSTEP_TESTS_E2E_BAD_INPUT_ROWS_H_
#define POLYSTEP_TESTS_E2E_BAD_INPUT_ROWS_H_

#include <functional>
#include <string>
#include <vector>

#include "tests/e2e/service_fixture.h"

namespace polystep {

// What every row may use: a study "small" and a lease of it.
struct World {
  Stubs* stubs;
  v1::Lease lease;
};

using Send = std::function<grpc::Status(World&)>;

struct Row {
  const char* name;
  grpc::StatusCode code;
  const char* text;   // part of the message
  const char* field;  // path in BadRequest; "": not looked at; "-": no details at all
  Send send;
};

std::vector<Row> ParameterRows();
std::vector<Row> PolicyRows();
std::vector<Row> StudyRows();
std::vector<Row> AskRows();
std::vector<Row> TellRows();
// What gRPC itself refuses.
std::vector<Row> WireRows();

}  // namespace polystep

#endif  // POLYSTEP_TESTS_E2E_BAD_INPUT_ROWS_H_
