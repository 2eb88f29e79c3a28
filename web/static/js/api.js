// The API's documentation page: Swagger UI over our own OpenAPI document.
const page = document.getElementById("api");
window.SwaggerUIBundle({
  url: page.dataset.openapi,
  domNode: page,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // no call to anybody else's server
});
