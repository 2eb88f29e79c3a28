package web

import "github.com/gofiber/fiber/v2"

type docsPage struct {
	shell
	OpenAPI string
}

// pageDocs shows the API's description, drawn by scripts of our own.
func (s *Server) pageDocs(c *fiber.Ctx, v *visit) (err error) {
	page := docsPage{OpenAPI: apiPrefix + "/openapi.json"}
	if page.shell, err = s.shell(c, v); err != nil {
		return err
	}
	return s.page(c, v, fiber.StatusOK, "api_docs", page)
}
