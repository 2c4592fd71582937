#include "client/cli/proto_json.h"

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"

namespace polystep::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

void NumbersInMessage(const Descriptor& descriptor, Json& object);

// One value of `field`: not an array, not a map.
void NumbersInValue(const FieldDescriptor& field, Json& value) {
  constexpr int64_t kExact = int64_t{1} << 53;
  int64_t number = 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      if (value.is_string() && absl::SimpleAtoi(value.get<std::string>(), &number) &&
          -kExact < number && number < kExact) {
        value = number;
      }
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (value.is_object()) NumbersInMessage(*field.message_type(), value);
      break;
    default:
      break;
  }
}

void NumbersInMessage(const Descriptor& descriptor, Json& object) {
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    auto member = object.find(field.json_name());
    if (member == object.end()) continue;
    if (field.is_map()) {
      for (auto& entry : *member) NumbersInValue(*field.message_type()->map_value(), entry);
    } else if (field.is_repeated()) {
      for (auto& element : *member) NumbersInValue(field, element);
    } else {
      NumbersInValue(field, *member);
    }
  }
}

}  // namespace

Json ProtoJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) {
    return Json::object();
  }
  Json object = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  NumbersInMessage(*message.GetDescriptor(), object);
  return object;
}

}  // namespace polystep::cli
