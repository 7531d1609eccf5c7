# make run and make test are all a newcomer needs; both install what they miss.
.PHONY: help run test check bench pictures lock clean
.DEFAULT_GOAL := help

help: ## 列出命令
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile

run: ## 安装、迁移、载入样例并启动：http://localhost:8000（PORT=8080 可改端口）
	@sh scripts/run.sh

test: ## 全部测试：SQLite 与 PostgreSQL，含浏览器
	@sh scripts/test.sh

check: ## 静态检查：ruff、mypy、djlint、bandit、迁移、部署设置
	@sh scripts/check.sh

bench: ## 量一量：文章页的分量与 Lighthouse、检索的快慢（ARGS 传给检索一项）
	@sh scripts/bench.sh $(ARGS)

pictures: ## 重新拍摄秘书处指南里的截图：docs/images/staff-*.png
	@sh scripts/setup.sh test
	@PYTHONPATH=. .venv/bin/python scripts/pictures.py

lock: ## 按 pyproject.toml 重新锁定依赖（ARGS=--upgrade 则升级）
	@sh scripts/lock.sh $(ARGS)

clean: ## 删除缓存；.venv 与 var/ 中的数据不动
	@rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -path ./.venv -prune -o -path ./var -prune -o -name __pycache__ -prune -exec rm -rf {} +
