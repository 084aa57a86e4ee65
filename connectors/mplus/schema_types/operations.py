"""The operations in use.

The names of the answers follow no rule (the vendor's WSDL: some begin with a capital,
some do not, some are shared), so each is written out.
"""

from __future__ import annotations

from connectors.mplus.schema_types.notation import Operation, operation

OPERATIONS: tuple[Operation, ...] = (
    operation("getApiVersion", answer="getApiVersionResponse"),
    operation("getCurrentSyncMarkers", answer="getCurrentSyncMarkersResponse"),
    operation(
        "getCurrentSyncMarkersV2",
        "request: GetCurrentSyncMarkersV2Request!",
        answer="GetCurrentSyncMarkersV2Response",
    ),
    operation(
        "getReceipts", "request: GetReceiptsRequest!", answer="GetReceiptsResponse"
    ),
    operation("getReceipt", "receiptId: string!", answer="GetReceiptResponse"),
    operation(
        "getCashCountList",
        "request: GetCashCountListRequest!",
        answer="GetCashCountListResponse",
    ),
    operation(
        "getCashCountInfo",
        "request: GetCashCountInfoRequest!",
        answer="GetCashCountInfoResponse",
    ),
    operation(
        "getRelations", "request: GetRelationsRequest", answer="GetRelationsResponse"
    ),
    operation("getRelation", "relationNumber: long!", answer="GetRelationResponse"),
    operation("findRelation", "relation: Relation", answer="FindRelationResponse"),
    operation(
        "findRelationV2",
        "request: FindRelationV2Request!",
        answer="FindRelationV2Response",
    ),
    operation(
        "getProducts", "request: GetProductsRequest!", answer="GetProductsResponse"
    ),
    operation(
        "getArticleGroups",
        "request: GetArticleGroupsRequest!",
        answer="GetArticleGroupsResponse",
    ),
    operation("getPaymentMethods", answer="GetPaymentMethodsResponse"),
    operation(
        "getPaymentMethodsV2",
        "request: GetPaymentMethodsRequest!",
        answer="GetPaymentMethodsResponse",
    ),
    operation("getVatGroupList", answer="getVatGroupListResponse"),
    operation(
        "getTurnoverGroups",
        "request: GetTurnoverGroupsRequest!",
        answer="GetTurnoverGroupsResponse",
    ),
    operation("getBranches", answer="getBranchesResponse"),
    operation(
        "getEmployees", "request: getEmployeesRequest", answer="GetEmployeesResponse"
    ),
    operation("getDeliveryMethods", answer="GetDeliveryMethodsResponse"),
    operation("getCardCategories", answer="GetCardCategoriesResponse"),
)
