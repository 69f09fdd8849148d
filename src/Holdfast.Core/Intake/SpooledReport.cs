// SPDX-License-Identifier: Apache-2.0
using Holdfast.Contract;

namespace Holdfast.Core.Intake;

/// <param name="Request">As its writer left it.</param>
/// <param name="Owner">The user whose file it is: what the kernel says, whatever the report says.</param>
public sealed record SpooledReport(ReportRequest Request, uint Owner);
