// Begins Swagger UI where the page says so; nothing is asked of any other host.
"use strict";
const place = document.getElementById("openapi");
SwaggerUIBundle({
  url: place.dataset.url,
  domNode: place,
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
