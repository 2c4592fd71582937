// Malformed calls.
#include <google/protobuf/text_format.h>
#include <grpcpp/generic/generic_stub.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "tests/e2e/bad_input_rows.h"

namespace polystep {
namespace {

using Code = grpc::StatusCode;

// Any call, with a request in text format.
template <class Stub, class Request, class Response>
Send Text(std::unique_ptr<Stub> Stubs::*stub,
          grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
          std::string text) {
  return [stub, method, text = std::move(text)](World& world) {
    Request request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    Response response;
    return Invoke(*(world.stubs->*stub), method, request, &response);
  };
}

Send Create(std::string text) {
  return Text(&Stubs::studies, &v1::StudyService::Stub::CreateStudy, std::move(text));
}
Send Ask(std::string text) {
  return Text(&Stubs::evaluations, &v1::EvaluationService::Stub::Ask, std::move(text));
}

// A tell of the lease's losses after `change`.
Send Tell(std::function<void(v1::TellRequest&)> change) {
  return [change = std::move(change)](World& world) {
    v1::TellRequest request;
    request.set_study("studies/small");
    request.set_token(world.lease.token());
    request.set_step(world.lease.step());
    v1::LossSlice& slice = *request.add_slices();
    slice.set_first_index(world.lease.first_index());
    slice.add_losses(1.0);
    change(request);
    v1::TellResponse response;
    return Invoke(*world.stubs->evaluations, &v1::EvaluationService::Stub::Tell, request,
                  &response);
  };
}

// Raw bytes to a method, past the checks of the generated client.
Send Bytes(std::string method, std::string bytes) {
  return [method = std::move(method), bytes = std::move(bytes)](World& world) {
    grpc::GenericStub stub(world.stubs->channel);
    grpc::ClientContext context;
    grpc::Slice slice(bytes);
    grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::CompletionQueue queue;
    auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
    call->StartCall();
    grpc::Status status;
    call->Finish(&response, &status, &call);
    void* tag;
    bool ok;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    return status;
  };
}

template <class Message, class Response>
grpc::Status ReadAll(std::unique_ptr<grpc::ClientReader<Response>> reader) {
  Response response;
  while (reader->Read(&response)) {
  }
  return reader->Finish();
}

Send Watch(std::string text) {
  return [text = std::move(text)](World& world) {
    v1::WatchStudyRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
    grpc::ClientContext context;
    return ReadAll<v1::WatchStudyRequest>(world.stubs->studies->WatchStudy(&context, request));
  };
}

Send Center(std::string text) {
  return [text = std::move(text)](World& world) {
    v1::GetCenterRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
    grpc::ClientContext context;
    return ReadAll<v1::GetCenterRequest>(world.stubs->evaluations->GetCenter(&context, request));
  };
}

Send Solution(std::string text) {
  return [text = std::move(text)](World& world) {
    v1::GetSolutionRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
    grpc::ClientContext context;
    return ReadAll<v1::GetSolutionRequest>(world.stubs->studies->GetSolution(&context, request));
  };
}

}  // namespace

std::vector<Row> StudyRows() {
  using Studies = v1::StudyService::Stub;
  const std::string good = R"(study { spec { parameters { name: "x" boolean {} } } } )";
  return {
      {"BadStudyId", Code::INVALID_ARGUMENT, "a-z", "study_id",
       Create(good + R"(study_id: "Not An Id")")},
      {"LongStudyId", Code::INVALID_ARGUMENT, "63", "study_id",
       Create(absl::StrCat(good, "study_id: \"", std::string(64, 'a'), "\""))},
      {"SameIdOtherContent", Code::ALREADY_EXISTS, "small", "",
       Create(good + R"(study_id: "small")")},
      {"LongDisplayName", Code::INVALID_ARGUMENT, "256", "study.display_name",
       Create(absl::StrCat("study { display_name: \"", std::string(257, 'a'),
                           "\" spec { parameters { name: 'x' boolean {} } } }"))},
      {"BadName", Code::INVALID_ARGUMENT, "studies/{study_id}", "name",
       Text(&Stubs::studies, &Studies::GetStudy, R"(name: "small")")},
      {"NoName", Code::INVALID_ARGUMENT, "studies/{study_id}", "name",
       Text(&Stubs::studies, &Studies::PauseStudy, "")},
      {"UnknownStudy", Code::NOT_FOUND, "nothing", "",
       Text(&Stubs::studies, &Studies::GetStudy, R"(name: "studies/nothing")")},
      {"DeleteUnknown", Code::NOT_FOUND, "nothing", "",
       Text(&Stubs::studies, &Studies::DeleteStudy, R"(name: "studies/nothing")")},
      {"DeleteOldEtag", Code::ABORTED, "etag", "",
       Text(&Stubs::studies, &Studies::DeleteStudy, R"(name: "studies/small" etag: "old")")},
      {"NegativePage", Code::INVALID_ARGUMENT, "negative", "page_size",
       Text(&Stubs::studies, &Studies::ListStudies, "page_size: -1")},
      {"ForeignPageToken", Code::INVALID_ARGUMENT, "token", "page_token",
       Text(&Stubs::studies, &Studies::ListStudies, R"(page_token: "abc")")},
      {"NegativeFirstStep", Code::INVALID_ARGUMENT, "negative", "first_step",
       Text(&Stubs::studies, &Studies::ListSteps, R"(parent: "studies/small" first_step: -3)")},
      {"UnknownMaskPath", Code::INVALID_ARGUMENT, "spec.seed", "update_mask",
       Text(&Stubs::studies, &Studies::UpdateStudy,
            R"(study { name: "studies/small" } update_mask { paths: "spec.seed" })")},
      {"UpdateBadLimit", Code::INVALID_ARGUMENT, "max_evaluations",
       "study.spec.stop.max_evaluations",
       Text(&Stubs::studies, &Studies::UpdateStudy,
            R"(study { name: "studies/small" spec { stop { max_evaluations: -4 } } }
               update_mask { paths: "spec.stop.max_evaluations" })")},
      {"UpdateOldEtag", Code::ABORTED, "etag", "",
       Text(&Stubs::studies, &Studies::UpdateStudy,
            R"(study { name: "studies/small" etag: "old" display_name: "x" })")},
      {"WatchUnknown", Code::NOT_FOUND, "nothing", "", Watch(R"(name: "studies/nothing")")},
      {"WatchNegativeStep", Code::INVALID_ARGUMENT, "negative", "first_step",
       Watch(R"(name: "studies/small" first_step: -1)")},
      {"SolutionKind", Code::INVALID_ARGUMENT, "9", "kind",
       Solution(R"(name: "studies/small" kind: 9)")},
      {"NoBestYet", Code::FAILED_PRECONDITION, "best", "", Solution(R"(name: "studies/small")")},
      {"Export", Code::UNIMPLEMENTED, "not in this release", "",
       [](World& world) {
         grpc::ClientContext context;
         return ReadAll<v1::ExportStudyRequest>(
             world.stubs->studies->ExportStudy(&context, v1::ExportStudyRequest()));
       }},
      {"Import", Code::UNIMPLEMENTED, "not in this release", "",
       [](World& world) {
         grpc::ClientContext context;
         v1::Study study;
         auto writer = world.stubs->studies->ImportStudy(&context, &study);
         writer->WritesDone();
         return writer->Finish();
       }},
  };
}

std::vector<Row> AskRows() {
  using Evaluations = v1::EvaluationService::Stub;
  return {
      {"AskUnknownStudy", Code::NOT_FOUND, "nothing", "", Ask(R"(study: "studies/nothing")")},
      {"AskAnyStudyNegativeWait", Code::INVALID_ARGUMENT, "negative", "wait",
       Ask(R"(study: "studies/-" wait { seconds: -1 })")},
      {"AskUnknownEncoding", Code::INVALID_ARGUMENT, "19", "encodings[0]",
       Ask(R"(study: "studies/small" encodings: 19)")},
      {"AskSubspaceOfParameters", Code::INVALID_ARGUMENT, "ask for NAMED", "encodings",
       Ask(R"(study: "studies/small" encodings: SUBSPACE)")},
      {"AskBlockOfParameters", Code::INVALID_ARGUMENT, "ask for NAMED", "encodings",
       Ask(R"(study: "studies/small" encodings: BLOCK encodings: SUBSPACE)")},
      {"AskDenseOfParameters", Code::INVALID_ARGUMENT, "tensors only", "encodings",
       Ask(R"(study: "studies/small" encodings: DENSE)")},
      {"AskNegativeWait", Code::INVALID_ARGUMENT, "negative", "wait",
       Ask(R"(study: "studies/small" wait { seconds: -1 })")},
      {"AskLongWorker", Code::INVALID_ARGUMENT, "256", "worker",
       Ask(absl::StrCat("study: \"studies/small\" worker: \"", std::string(257, 'w'), "\""))},
      {"AskOneByte", Code::INVALID_ARGUMENT, "max_bytes", "max_bytes",
       Ask(R"(study: "studies/small" max_bytes: 1)")},
      {"RenewTooMany", Code::INVALID_ARGUMENT, "1024", "tokens",
       [](World& world) {
         v1::RenewRequest request;
         request.set_study("studies/small");
         for (int i = 0; i <= 1024; ++i) request.add_tokens(std::string("x"));
         v1::RenewResponse response;
         return Invoke(*world.stubs->evaluations, &Evaluations::Renew, request, &response);
       }},
      {"ReleaseForged", Code::PERMISSION_DENIED, "token", "",
       Text(&Stubs::evaluations, &Evaluations::Release,
            R"(study: "studies/small" tokens: "forged")")},
      {"GetCenterWithoutStudy", Code::INVALID_ARGUMENT, "no study name", "study", Center("")},
      {"GetCenterUnknownStudy", Code::NOT_FOUND, "nothing", "",
       Center(R"(study: "studies/nothing")")},
      {"GetCenterUnknown", Code::NOT_FOUND, "current step", "",
       Center(R"(study: "studies/small" center_id: "0123456789abcdef0123456789abcdef")")},
      {"GetCenterLongId", Code::INVALID_ARGUMENT, "32", "center_id",
       Center(absl::StrCat(R"(study: "studies/small" center_id: ")", std::string(33, 'a'), "\""))},
      {"GetCenterLongKnownId", Code::INVALID_ARGUMENT, "32", "known_center_id",
       Center(absl::StrCat(R"(study: "studies/small" known_center_id: ")", std::string(33, 'a'),
                           "\""))},
  };
}

std::vector<Row> TellRows() {
  auto nan = std::numeric_limits<double>::quiet_NaN();
  return {
      {"TellWithoutToken", Code::PERMISSION_DENIED, "token", "",
       Tell([](v1::TellRequest& tell) { tell.clear_token(); })},
      {"TellForgedToken", Code::PERMISSION_DENIED, "token", "",
       Tell([](v1::TellRequest& tell) { tell.mutable_token()->back() ^= 1; })},
      {"TellTokenOfAnotherStudy", Code::PERMISSION_DENIED, "token", "",
       Tell([](v1::TellRequest& tell) { tell.set_study("studies/other"); })},
      {"TellIndexBelowLease", Code::INVALID_ARGUMENT, "outside", "",
       Tell([](v1::TellRequest& tell) { tell.mutable_slices(0)->set_first_index(1'000'000); })},
      {"TellTooManyLosses", Code::INVALID_ARGUMENT, "outside", "", Tell([](v1::TellRequest& tell) {
         for (int i = 0; i < 1000; ++i) tell.mutable_slices(0)->add_losses(1);
       })},
      {"TellIndexOverflow", Code::INVALID_ARGUMENT, "outside", "",
       Tell([](v1::TellRequest& tell) { tell.mutable_slices(0)->set_first_index(UINT32_MAX); })},
      {"TellFailureOutside", Code::INVALID_ARGUMENT, "outside", "", Tell([](v1::TellRequest& tell) {
         v1::Failure& failure = *tell.mutable_slices(0)->add_failures();
         failure.set_index(1'000'000);
         failure.set_kind(v1::Failure::INFEASIBLE);
       })},
      {"TellFailureWithoutKind", Code::INVALID_ARGUMENT, "0", "slices[0].failures[0].kind",
       Tell([](v1::TellRequest& tell) { tell.mutable_slices(0)->add_failures(); })},
      {"TellViolationBelowZero", Code::INVALID_ARGUMENT, "at least 0", "slices.violations",
       Tell([](v1::TellRequest& tell) { tell.mutable_slices(0)->add_violations(-1); })},
      {"TellViolationNotFinite", Code::INVALID_ARGUMENT, "finite", "slices.violations",
       Tell([nan](v1::TellRequest& tell) { tell.mutable_slices(0)->add_violations(nan); })},
      {"TellMoreViolationsThanLosses", Code::INVALID_ARGUMENT, "2 entries for 1",
       "slices.violations", Tell([](v1::TellRequest& tell) {
         for (int i = 0; i < 2; ++i) tell.mutable_slices(0)->add_violations(0);
       })},
      {"TellNegativeStep", Code::INVALID_ARGUMENT, "negative", "step",
       Tell([](v1::TellRequest& tell) { tell.set_step(-1); })},
      {"TellFutureStep", Code::INVALID_ARGUMENT, "step", "step",
       Tell([](v1::TellRequest& tell) { tell.set_step(99); })},
      {"TellNonFinite", Code::INVALID_ARGUMENT, "finite", "",
       Tell([nan](v1::TellRequest& tell) { tell.mutable_slices(0)->set_losses(0, nan); })},
      {"TellNextOfAnotherStudy", Code::INVALID_ARGUMENT, "next.study", "next.study",
       Tell([](v1::TellRequest& tell) { tell.mutable_next()->set_study("studies/other"); })},
  };
}

std::vector<Row> WireRows() {
  return {
      {"Oversize", Code::RESOURCE_EXHAUSTED, "larger", "-",
       [](World& world) {
         v1::AskRequest request;
         request.set_study(std::string((4 << 20) + 1, 'a'));
         v1::AskResponse response;
         return Invoke(*world.stubs->evaluations, &v1::EvaluationService::Stub::Ask, request,
                       &response);
       }},
      {"InvalidUtf8", Code::INVALID_ARGUMENT, "UTF-8", "request",
       Bytes("/polystep.v1.EvaluationService/Ask", std::string("\x0a\x02\xc3\x28", 4))},
      {"Garbage", Code::INVALID_ARGUMENT, "polystep.v1.AskRequest", "request",
       Bytes("/polystep.v1.EvaluationService/Ask", "\xff\xff\xff\xff")},
      {"UnknownMethod", Code::UNIMPLEMENTED, "", "-",
       Bytes("/polystep.v1.EvaluationService/Nothing", "")},
  };
}

}  // namespace polystep
